//! What must be true between a city's files.

use super::error::{CityError, Problem};
use super::{City, Question, QuestionKind, Role, Route, ServiceType};
use crate::sync::wire::MOST_SCOPES;
use std::collections::HashSet;

const CITY: &str = "city.json";
const CATALOG: &str = "catalog.json";
const ORGANIZATION: &str = "organization.json";
const ROUTING: &str = "routing.json";
const DISTRICTS: &str = "districts.geojson";

impl City {
    pub(super) fn check(&self) -> Result<(), CityError> {
        self.check_about()?;
        self.check_organization()?;
        self.check_catalog()?;
        for (index, route) in self.routing.iter().enumerate() {
            self.check_route(&format!("routes[{index}]"), route)?;
        }
        Ok(())
    }

    fn check_about(&self) -> Result<(), CityError> {
        self.center.checked().map_err(|e| CityError::invalid(CITY, "center", e))?;
        if !self.boundary.contains(self.center) {
            let rule = "the center lies outside the boundary; are latitude and longitude swapped?";
            return Err(CityError::rule(CITY, "center", rule));
        }
        for (path, value) in
            [("jurisdiction_id", &self.jurisdiction_id), ("name", &self.name), ("time_zone", &self.time_zone)]
        {
            if value.is_empty() {
                return Err(CityError::rule(CITY, path, "must not be empty"));
            }
        }
        let ids = self.districts.iter().map(|district| district.id.as_str());
        unique(DISTRICTS, "features", "district", ids)
    }

    fn check_organization(&self) -> Result<(), CityError> {
        let file = ORGANIZATION;
        let departments = self.departments.iter().map(|d| d.id.as_str());
        unique(file, "departments", "department", departments)?;
        unique(file, "crews", "crew", self.crews.iter().map(|c| c.id.as_str()))?;
        unique(file, "people", "person", self.people.iter().map(|p| p.id.as_str()))?;
        for (index, crew) in self.crews.iter().enumerate() {
            let path = format!("crews[{index}]");
            if crew.departments.is_empty() {
                let rule = "a crew works for one department or more";
                return Err(CityError::rule(file, path + ".departments", rule));
            }
            for (n, id) in crew.departments.iter().enumerate() {
                let at = format!("{path}.departments[{n}]");
                exists(file, at, "department", id.as_str(), self.department(id))?;
            }
            for (n, id) in crew.districts.iter().enumerate() {
                let at = format!("{path}.districts[{n}]");
                exists(file, at, "district", id.as_str(), self.district(id))?;
            }
        }
        for (index, person) in self.people.iter().enumerate() {
            let path = format!("people[{index}]");
            let department = &person.department;
            let at = format!("{path}.department");
            exists(file, at, "department", department.as_str(), self.department(department))?;
            if let Some(crew) = &person.crew {
                exists(file, format!("{path}.crew"), "crew", crew.as_str(), self.crew(crew))?;
            }
            for (n, id) in person.departments.iter().enumerate() {
                let at = format!("{path}.departments[{n}]");
                exists(file, at, "department", id.as_str(), self.department(id))?;
            }
            for (n, id) in person.districts.iter().enumerate() {
                let at = format!("{path}.districts[{n}]");
                exists(file, at, "district", id.as_str(), self.district(id))?;
            }
            if person.departments.len() + person.districts.len() >= MOST_SCOPES {
                let rule = "a phone follows at most 31 departments and districts; leave both out to follow all";
                return Err(CityError::rule(file, path + ".districts", rule));
            }
            if (person.role == Role::Crew) != person.crew.is_some() {
                let rule = "somebody of role `crew` has a crew, and nobody else has";
                return Err(CityError::rule(file, path + ".crew", rule));
            }
            if matches!(person.role, Role::Resident | Role::Server) {
                let rule = "residents and the server are not people of the organization";
                return Err(CityError::rule(file, path + ".role", rule));
            }
        }
        Ok(())
    }

    fn check_catalog(&self) -> Result<(), CityError> {
        let types = &self.catalog.service_types;
        let codes = types.iter().map(|kind| kind.code.as_str());
        unique(CATALOG, "service_types", "service code", codes)?;
        for (index, kind) in types.iter().enumerate() {
            let path = format!("service_types[{index}]");
            let id = &kind.department;
            let at = format!("{path}.department");
            exists(CATALOG, at.clone(), "department", id.as_str(), self.department(id))?;
            if !self.crews.iter().any(|crew| crew.departments.contains(id)) {
                let rule = "no crew works for this department, so nobody would get the job";
                return Err(CityError::rule(CATALOG, at, rule));
            }
            check_service_type(&path, kind)?;
        }
        Ok(())
    }

    fn check_route(&self, path: &str, route: &Route) -> Result<(), CityError> {
        let (file, crew) = (ROUTING, &route.crew);
        exists(file, format!("{path}.crew"), "crew", crew.as_str(), self.crew(crew))?;
        for (n, id) in route.districts.iter().enumerate() {
            let at = format!("{path}.districts[{n}]");
            exists(file, at, "district", id.as_str(), self.district(id))?;
        }
        if route.service_codes.is_empty() && !route.answers.is_empty() {
            let rule = "a rule about answers must name its service types, whose questions they are";
            return Err(CityError::rule(file, format!("{path}.service_codes"), rule));
        }
        for (n, code) in route.service_codes.iter().enumerate() {
            let at = format!("{path}.service_codes[{n}]");
            let kind = self.service_type(code);
            let kind = exists(file, at, "service code", code.as_str(), kind)?;
            for (question, choices) in &route.answers {
                let at = format!("{path}.answers.{question}");
                let asked = kind.questions.iter().find(|q| q.code == *question);
                let asked = exists(file, at.clone(), "question", question, asked)?;
                for choice in choices {
                    let option = asked.options.iter().find(|o| o.key == *choice);
                    exists(file, at.clone(), "choice", choice, option)?;
                }
            }
        }
        Ok(())
    }
}

fn check_service_type(path: &str, kind: &ServiceType) -> Result<(), CityError> {
    let rule = |field: &str, rule| Err(CityError::rule(CATALOG, format!("{path}.{field}"), rule));
    if kind.hours_to_complete == 0 {
        return rule("hours_to_complete", "must be more than 0");
    }
    if !(kind.nearby_m >= 0.0 && kind.nearby_m.is_finite()) {
        return rule("nearby_m", "must be a number of meters, 0 or more");
    }
    if kind.checklist.is_empty() {
        return rule("checklist", "closing needs one item or more");
    }
    if kind.cannot_complete.is_empty() {
        return rule("cannot_complete", "there must be a reason to choose");
    }
    if kind.materials.iter().any(|m| !(m.step > 0.0 && m.step.is_finite())) {
        return rule("materials", "a step must be more than 0");
    }
    let at = |field: &str| format!("{path}.{field}");
    let checklist = kind.checklist.iter().map(|item| item.id.as_str());
    unique(CATALOG, &at("checklist"), "checklist item", checklist)?;
    let materials = kind.materials.iter().map(|m| m.id.as_str());
    unique(CATALOG, &at("materials"), "material", materials)?;
    let equipment = kind.equipment.iter().map(|e| e.id.as_str());
    unique(CATALOG, &at("equipment"), "equipment", equipment)?;
    let reasons = kind.cannot_complete.iter().map(|c| c.key.as_str());
    unique(CATALOG, &at("cannot_complete"), "reason", reasons)?;
    let questions = kind.questions.iter().map(|q| q.code.as_str());
    unique(CATALOG, &at("questions"), "question", questions)?;
    for (index, question) in kind.questions.iter().enumerate() {
        check_question(&format!("{path}.questions[{index}].options"), question)?;
    }
    Ok(())
}

fn check_question(path: &str, question: &Question) -> Result<(), CityError> {
    let chooses = matches!(question.kind, QuestionKind::Single | QuestionKind::Multi);
    if chooses == question.options.is_empty() {
        let rule = "a single or multi question has options, and no other question has";
        return Err(CityError::rule(CATALOG, path, rule));
    }
    let keys = question.options.iter().map(|option| option.key.as_str());
    unique(CATALOG, path, "choice", keys)
}

fn unique<'a>(file: &str, list: &str, kind: &'static str, ids: impl Iterator<Item = &'a str>) -> Result<(), CityError> {
    let mut seen = HashSet::new();
    for (index, id) in ids.enumerate() {
        if id.is_empty() {
            let rule = "the id must not be empty";
            return Err(CityError::rule(file, format!("{list}[{index}]"), rule));
        }
        if !seen.insert(id) {
            let id = id.to_owned();
            let problem = Problem::Duplicate { kind, id };
            return Err(CityError::invalid(file, format!("{list}[{index}]"), problem));
        }
    }
    Ok(())
}

fn exists<T>(file: &str, path: String, kind: &'static str, id: &str, found: Option<T>) -> Result<T, CityError> {
    found.ok_or_else(|| {
        let id = id.to_owned();
        CityError::invalid(file, path, Problem::Dangling { kind, id })
    })
}
