//! What people in the demo city say, and how far their jobs have come.

/// Something that was reported.
pub(super) struct Case {
    /// The service type's code.
    pub(super) code: &'static str,
    /// In the person's words.
    pub(super) description: &'static str,
    /// Question and answer.
    pub(super) answers: &'static [(&'static str, &'static str)],
}

/// How far a job has come. All are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// A crew has it.
    Waiting,
    /// Nobody has it.
    Unassigned,
    /// A crew is on it.
    Started,
    /// A crew began.
    Paused,
    /// A crew was there.
    CannotComplete,
}

impl Progress {
    /// Of the job with this number.
    pub(super) fn of(number: u32) -> Self {
        match number {
            5 | 33 => Self::Started,
            21 | 48 => Self::Paused,
            14 | 37 => Self::CannotComplete,
            n if n % 8 == 7 => Self::Unassigned,
            _ => Self::Waiting,
        }
    }
}

const fn case(code: &'static str, description: &'static str, answers: &'static [(&'static str, &'static str)]) -> Case {
    Case { code, description, answers }
}

/// What a second person says of the same thing.
pub(super) const SAME: [&str; 4] = [
    "Still there. I walk past it every day.",
    "Somebody will get hurt here sooner or later.",
    "I saw this too, on my way to work.",
    "My neighbor says she reported it already, but nobody has come yet.",
];

/// In the order in which jobs take them, so that types are mixed.
pub(super) const CASES: [Case; 30] = [
    case(
        "pothole",
        "Deep hole right where the bike lane begins. I nearly fell.",
        &[("size", "tire"), ("lane", "bike_lane"), ("beside_grate", "no")],
    ),
    case(
        "sidewalk_litter",
        "Bags dumped beside the bus stop, one has burst open.",
        &[("what", "bags"), ("blocked", "no")],
    ),
    case(
        "street_light_out",
        "The lamp at the corner has been dark for a week. It is pitch black at night.",
        &[("fault", "out")],
    ),
    case(
        "overflowing_trash_can",
        "Can is full to the brim and the wind blows everything around.",
        &[("state", "full")],
    ),
    case(
        "pothole",
        "The old patch has come out again, about two feet across.",
        &[("size", "larger"), ("lane", "car_lane"), ("beside_grate", "no")],
    ),
    case("graffiti", "Tags all over the wall of the underpass.", &[("surface", "concrete"), ("offensive", "no")]),
    case(
        "tree",
        "A big branch hangs over the sidewalk, half broken off.",
        &[("problem", "branch"), ("whose", "street"), ("wires", "no")],
    ),
    case(
        "sign_missing_or_damaged",
        "Stop sign is turned around so that nobody can read it.",
        &[("sign", "stop"), ("damage", "turned")],
    ),
    case(
        "leaking_hydrant",
        "Water running from the hydrant down the gutter since this morning.",
        &[("flow", "stream"), ("ice", "no")],
    ),
    case(
        "missed_trash_pickup",
        "Our street was left out on pickup day. All cans are still full.",
        &[("what", "trash"), ("out_by_seven", "yes")],
    ),
    case(
        "abandoned_vehicle",
        "Gray sedan with a flat tire and no plates, has not moved for weeks.",
        &[("kind", "car"), ("days", "20")],
    ),
    case(
        "pothole",
        "Hole next to the sewer grate, you can see the pipe.",
        &[("size", "tire"), ("lane", "edge"), ("beside_grate", "yes")],
    ),
    case(
        "sidewalk_litter",
        "Broken glass from one end of the block to the other.",
        &[("what", "glass"), ("blocked", "unsure")],
    ),
    case(
        "street_light_out",
        "Flickers all night right in front of our bedroom.",
        &[("fault", "flickers"), ("pole_number", "H-2217")],
    ),
    case(
        "graffiti",
        "Somebody sprayed something nasty on the school fence.",
        &[("surface", "metal"), ("offensive", "yes")],
    ),
    case(
        "pothole",
        "Small but deep, cars swerve into the other lane to avoid it.",
        &[("size", "plate"), ("lane", "car_lane"), ("beside_grate", "no")],
    ),
    case(
        "tree",
        "Roots have lifted the sidewalk; a woman with a walker could not get past.",
        &[("problem", "roots"), ("whose", "street"), ("wires", "no")],
    ),
    case("overflowing_trash_can", "Knocked over, and gulls are at it.", &[("state", "tipped")]),
    case(
        "sign_missing_or_damaged",
        "The one-way sign is gone; people drive in from the wrong side.",
        &[("sign", "one_way"), ("damage", "missing")],
    ),
    case(
        "pothole",
        "Three in a row in the crosswalk in front of the library.",
        &[("size", "plate"), ("lane", "crosswalk"), ("beside_grate", "unsure")],
    ),
    case("sidewalk_litter", "A couch and two mattresses at the curb.", &[("what", "furniture"), ("blocked", "no")]),
    case("leaking_hydrant", "Steady drip, and it freezes over at night.", &[("flow", "drip"), ("ice", "yes")]),
    case(
        "street_light_out",
        "Four lamps in a row are out along the waterfront.",
        &[("fault", "out"), ("several", "4")],
    ),
    case("abandoned_vehicle", "Boat trailer blocking two parking spaces.", &[("kind", "trailer"), ("days", "12")]),
    case(
        "missed_trash_pickup",
        "Recycling was not taken, trash was.",
        &[("what", "recycling"), ("out_by_seven", "yes")],
    ),
    case(
        "pothole",
        "Edge of the road has broken away by the driveway.",
        &[("size", "larger"), ("lane", "edge"), ("beside_grate", "no")],
    ),
    case("graffiti", "The bus shelter again.", &[("surface", "other"), ("offensive", "no")]),
    case(
        "tree",
        "Leaning much more since the storm. There are wires close by.",
        &[("problem", "leaning"), ("whose", "unsure"), ("wires", "yes")],
    ),
    case("overflowing_trash_can", "The lid is broken off, so it fills with rain.", &[("state", "broken")]),
    case("sign_missing_or_damaged", "Street name sign lies in the bushes.", &[("sign", "name"), ("damage", "down")]),
];
