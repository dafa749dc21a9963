//! Which of their types is which of ours. A type that is not here is refused by its name: a wrong type would send the
//! wrong crew.

use coldpatch_shared::ids::ServiceCode;

/// Complaint type, descriptor (`""`: any), our code. The first line that fits counts.
const NYC: &[(&str, &str, &str)] = &[
    ("Street Condition", "Pothole", "pothole"),
    ("Dirty Condition", "", "sidewalk_litter"),
    ("Dirty Conditions", "", "sidewalk_litter"),
    ("Illegal Dumping", "", "sidewalk_litter"),
    ("Litter Basket Complaint", "", "overflowing_trash_can"),
    ("Litter Basket / Request", "", "overflowing_trash_can"),
    ("Overflowing Litter Baskets", "", "overflowing_trash_can"),
    ("Graffiti", "", "graffiti"),
    ("Street Light Condition", "", "street_light_out"),
    ("Street Sign - Missing", "", "sign_missing_or_damaged"),
    ("Street Sign - Damaged", "", "sign_missing_or_damaged"),
    ("Street Sign - Dangling", "", "sign_missing_or_damaged"),
    ("Water System", "Hydrant Leaking (WC1)", "leaking_hydrant"),
    ("Water System", "Hydrant Running (WC3)", "leaking_hydrant"),
    ("Water System", "Hydrant Running Full (WA4)", "leaking_hydrant"),
    ("Abandoned Vehicle", "", "abandoned_vehicle"),
    ("Derelict Vehicles", "", "abandoned_vehicle"),
    ("Derelict Vehicle", "", "abandoned_vehicle"),
    ("Missed Collection", "", "missed_trash_pickup"),
    ("Missed Collection (All Materials)", "", "missed_trash_pickup"),
    ("Damaged Tree", "", "tree"),
    ("Dead/Dying Tree", "", "tree"),
    ("Dead Tree", "", "tree"),
    ("Overgrown Tree/Branches", "", "tree"),
    ("Root/Sewer/Sidewalk Condition", "", "tree"),
];

const BOSTON: &[(&str, &str)] = &[
    ("Request for Pothole Repair", "pothole"),
    ("Requests for Street Cleaning", "sidewalk_litter"),
    ("Illegal Dumping", "sidewalk_litter"),
    ("Needle Pickup", "sidewalk_litter"),
    ("Empty Litter Basket", "overflowing_trash_can"),
    ("Graffiti Removal", "graffiti"),
    ("PWD Graffiti", "graffiti"),
    ("Street Light Outages", "street_light_out"),
    ("Street Light Knock Downs", "street_light_out"),
    ("Knockdown Replacement", "street_light_out"),
    ("Sign Repair", "sign_missing_or_damaged"),
    ("Missing Sign", "sign_missing_or_damaged"),
    ("Fire Hydrant", "leaking_hydrant"),
    ("Abandoned Vehicles", "abandoned_vehicle"),
    ("Missed Trash/Recycling/Yard Waste/Bulk Item", "missed_trash_pickup"),
    ("Tree Emergencies", "tree"),
    ("Tree Maintenance Requests", "tree"),
];

const CHICAGO: &[(&str, &str)] = &[("Pothole in Street", "pothole")];

/// New York's complaint type and descriptor.
pub(super) fn nyc(kind: &str, descriptor: &str) -> Option<ServiceCode> {
    let fits =
        |(theirs, detail, _): &&(&str, &str, &str)| *theirs == kind && (detail.is_empty() || *detail == descriptor);
    NYC.iter().find(fits).map(|(_, _, code)| ServiceCode::from(*code))
}

/// Boston's type.
pub(super) fn boston(kind: &str) -> Option<ServiceCode> {
    by_name(BOSTON, kind)
}

/// Chicago's type of service request.
pub(super) fn chicago(kind: &str) -> Option<ServiceCode> {
    by_name(CHICAGO, kind)
}

fn by_name(table: &[(&str, &str)], kind: &str) -> Option<ServiceCode> {
    table.iter().find(|(theirs, _)| *theirs == kind).map(|(_, code)| ServiceCode::from(*code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use coldpatch_shared::city::{City, demo_files};

    #[test]
    fn every_type_leads_to_one_of_the_demo_citys() {
        let city = City::parse(&demo_files()).unwrap();
        let ours = NYC.iter().map(|(_, _, code)| *code);
        let ours = ours.chain(BOSTON.iter().chain(CHICAGO).map(|(_, code)| *code));
        for code in ours {
            assert!(city.service_type(&ServiceCode::from(code)).is_some(), "{code}");
        }
    }
}
