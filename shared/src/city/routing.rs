//! Who gets a new job.
//!
//! 1. The first [`Route`] in the file that matches decides. Rules exist for what the catalog cannot say: a hole beside a
//!    sewer grate looks like a pothole and is the water crew's.
//! 2. Else the first crew, in the file's order, that works for the type's department in the place's district.
//! 3. Else the department's first crew. A place outside every district, a job without a place and a district that nobody
//!    covers still get somebody: a job on the wrong crew's list is handed over, a job on no list is forgotten.

use super::City;
use crate::geo::LatLon;
use crate::ids::{CrewId, DistrictId, ServiceCode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Answers by question code: the keys of the chosen options, or the one text or number that was typed.
pub type Answers = BTreeMap<String, Vec<String>>;

/// A rule: jobs like this go to that crew. An empty list or map matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Which service types.
    #[serde(default)]
    pub service_codes: Vec<ServiceCode>,
    /// Which answers: every question named here was answered with one of its choices.
    #[serde(default)]
    pub answers: Answers,
    /// Which districts; a job without a district matches only a rule that names none.
    #[serde(default)]
    pub districts: Vec<DistrictId>,
    /// Who gets it.
    pub crew: CrewId,
}

impl Route {
    fn matches(&self, code: &ServiceCode, answers: &Answers, district: Option<&DistrictId>) -> bool {
        let service = self.service_codes.is_empty() || self.service_codes.contains(code);
        let place = self.districts.is_empty() || district.is_some_and(|district| self.districts.contains(district));
        service
            && place
            && self.answers.iter().all(|(question, choices)| {
                let given = answers.get(question).map_or(&[][..], Vec::as_slice);
                given.iter().any(|answer| choices.contains(answer))
            })
    }
}

impl City {
    /// Who gets a new job, by the three steps that this module describes. `None` only for a service code that neither a
    /// rule nor the catalog knows.
    #[must_use]
    pub fn route(&self, code: &ServiceCode, answers: &Answers, place: Option<LatLon>) -> Option<CrewId> {
        let district = place.and_then(|place| self.district_at(place)).map(|district| &district.id);
        let rule = self.routing.iter().find(|rule| rule.matches(code, answers, district));
        if let Some(rule) = rule {
            return Some(rule.crew.clone());
        }
        let department = &self.service_type(code)?.department;
        let mut crews = self.crews.iter().filter(|crew| crew.departments.contains(department));
        let near = crews.clone().find(|crew| district.is_some_and(|district| crew.covers(district)));
        near.or_else(|| crews.next()).map(|crew| crew.id.clone())
    }
}
