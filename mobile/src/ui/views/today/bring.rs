//! What to bring: the equipment and the material that the catalog expects for the types of the day.

use crate::ui::components::icon::{Glyph, Icon};
use crate::ui::state::Here;
use crate::ui::words;
use coldpatch_shared::city::City;
use coldpatch_shared::ids::ServiceCode;
use dioxus::prelude::*;

/// A name, and for how many jobs.
type Need = (String, u32);

/// What the day needs, what most jobs need first.
fn needs(today: &[(ServiceCode, u32)], city: &City) -> (Vec<Need>, Vec<Need>) {
    let (mut equipment, mut material) = (Vec::new(), Vec::new());
    for (kind, jobs) in today {
        let Some(kind) = city.service_type(kind) else { continue };
        for one in &kind.equipment {
            add(&mut equipment, &one.id, &one.name, *jobs);
        }
        for one in &kind.materials {
            add(&mut material, &one.id, &one.name, *jobs);
        }
    }
    (ranked(equipment), ranked(material))
}

fn add(needs: &mut Vec<(String, Need)>, id: &str, name: &str, jobs: u32) {
    match needs.iter_mut().find(|(known, _)| known == id) {
        Some((_, need)) => need.1 += jobs,
        None => needs.push((id.to_owned(), (name.to_owned(), jobs))),
    }
}

fn ranked(needs: Vec<(String, Need)>) -> Vec<Need> {
    let mut needs: Vec<Need> = needs.into_iter().map(|(_, need)| need).collect();
    needs.sort_by_key(|(_, jobs)| std::cmp::Reverse(*jobs));
    needs
}

/// What one job of this type needs, in a line.
pub(super) fn of_kind(kind: &ServiceCode, here: &Here) -> String {
    let Some(kind) = here.town.service_type(kind) else { return String::new() };
    let equipment = kind.equipment.iter().map(|one| &one.name);
    words::line(equipment.chain(kind.materials.iter().map(|one| &one.name)))
}

/// The list, closed at first: the vehicles stand in its line.
#[component]
pub(super) fn Bring(here: Here, today: Vec<(ServiceCode, u32)>) -> Element {
    let (equipment, material) = needs(&today, &here.town);
    if equipment.is_empty() && material.is_empty() {
        return rsx! {};
    }
    let shortly = words::line(equipment.iter().map(|(name, _)| name));
    rsx! {
        details { class: "card bring", "data-testid": "bring",
            summary {
                Icon { glyph: Glyph::Load }
                span { class: "grow",
                    span { class: "strong block", {words::today::BRING} }
                    span { class: "small block", "{shortly}" }
                }
                span { class: "turn", Icon { glyph: Glyph::Forward } }
            }
            Needs { title: words::today::EQUIPMENT, needs: equipment }
            Needs { title: words::today::MATERIAL, needs: material }
        }
    }
}

#[component]
fn Needs(title: &'static str, needs: Vec<Need>) -> Element {
    if needs.is_empty() {
        return rsx! {};
    }
    rsx! {
        h2 { class: "section-title", "{title}" }
        ul {
            for (name, jobs) in needs {
                li { key: "{name}",
                    span { "{name}" }
                    span { class: "small num", {words::today::for_jobs(jobs)} }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coldpatch_shared::city::demo_files;

    #[test]
    fn what_several_types_need_is_counted_once_with_all_their_jobs() {
        let city = City::parse(&demo_files()).unwrap();
        let today = [("graffiti".into(), 2), ("sidewalk_litter".into(), 3), ("gone".into(), 9)];
        let (equipment, material) = needs(&today, &city);
        assert_eq!(equipment, [("Pickup truck".to_owned(), 5), ("Pressure washer".to_owned(), 2)]);
        assert_eq!(material[0].1, 3);
        assert_eq!(material.len(), 4);
    }
}
