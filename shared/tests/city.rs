//! The City of Harbor as it is shipped, and a real city's districts.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use coldpatch_shared::city::{Answers, City, Jurisdiction, demo_files, parse_districts};
use coldpatch_shared::geo::{LatLon, distance_m};
use coldpatch_shared::ids::ServiceCode;
use std::path::Path;

fn harbor() -> City {
    City::parse(&demo_files()).unwrap()
}

/// Where the geotagged test photo was taken, in Alder St.
fn photo() -> LatLon {
    LatLon::new(47.627167, -122.337333).unwrap()
}

fn at(lat: f64, lon: f64) -> LatLon {
    LatLon::new(lat, lon).unwrap()
}

/// A grid over the boundary's box, its steps such that no point falls on a corner of the map by design.
fn grid(city: &City) -> impl Iterator<Item = LatLon> {
    let (sw, ne) = city.boundary.bounds();
    let step = |from: f64, to: f64, n: u32| from + (to - from) * (f64::from(n) + 0.37) / 100.0;
    (0..100)
        .flat_map(move |row| (0..100).map(move |column| at(step(sw.lat, ne.lat, row), step(sw.lon, ne.lon, column))))
}

#[test]
fn the_shipped_city_parses_and_fits_into_150_kb() {
    let city = harbor();
    assert_eq!((city.name.as_str(), city.catalog.service_types.len()), ("Harbor", 10));
    assert_eq!(city.version, demo_files().version());
    let size: usize = demo_files().files().values().map(String::len).sum();
    assert!(size < 150_000, "{size} bytes");
}

#[test]
fn every_type_can_be_closed_and_finds_a_crew_everywhere() {
    let city = harbor();
    let none = Answers::new();
    for kind in &city.catalog.service_types {
        assert!(!kind.checklist.is_empty(), "{} has no checklist", kind.code);
        assert!(kind.checklist.iter().any(|item| item.required), "{}", kind.code);
        assert!(city.route(&kind.code, &none, None).is_some());
        for place in grid(&city) {
            assert!(city.route(&kind.code, &none, Some(place)).is_some());
        }
    }
}

#[test]
fn the_districts_tile_the_city() {
    let city = harbor();
    let mut inside = 0;
    for place in grid(&city) {
        let districts = city.districts.iter().filter(|d| d.area.contains(place)).count();
        let ours = city.boundary.contains(place);
        assert_eq!(districts, usize::from(ours), "{place} is in {districts} districts");
        inside += usize::from(ours);
    }
    assert!(inside > 8_000, "only {inside} of 10,000 places are in the city");
}

#[test]
fn a_place_exactly_on_the_boundary_has_a_district() {
    let city = harbor();
    for corner in city.boundary.polygons().flat_map(|polygon| polygon.outer) {
        assert_eq!(city.jurisdiction_at(corner), Jurisdiction::Ours);
        assert!(city.district_at(corner).is_some(), "{corner}");
    }
}

#[test]
fn the_photo_was_taken_in_alder_street_in_old_town() {
    let city = harbor();
    assert_eq!(city.jurisdiction_at(photo()), Jurisdiction::Ours);
    assert_eq!(city.district_at(photo()).unwrap().name, "Old Town");
    let address = city.address_near(photo());
    assert_eq!(address.as_deref(), Some("Alder St 214, near Fifth Ave"));
}

#[test]
fn beyond_the_line_is_a_neighbor_with_a_phone_or_nobody_known() {
    let city = harbor();
    let Jurisdiction::Neighbor(neighbor) = city.jurisdiction_at(at(47.6600, -122.3373)) else {
        panic!("3.6 km north of the center is Millbrook");
    };
    assert_eq!(neighbor.name, "Town of Millbrook");
    assert!(!neighbor.phone.is_empty());
    // Arezzo, where other test photos were taken.
    assert_eq!(city.jurisdiction_at(at(43.467448, 11.885127)), Jurisdiction::Unknown);
    assert_eq!(city.district_at(at(43.467448, 11.885127)), None);
    assert_eq!(city.address_near(at(43.467448, 11.885127)), None);
}

#[test]
fn an_answer_changes_who_gets_the_job() {
    let city = harbor();
    let pothole = ServiceCode::from("pothole");
    let crew = |answers: &Answers| city.route(&pothole, answers, Some(photo())).unwrap();
    assert_eq!(crew(&Answers::new()).as_str(), "crew-4");
    let beside = |answer: &str| Answers::from([("beside_grate".into(), vec![answer.into()])]);
    assert_eq!(crew(&beside("no")).as_str(), "crew-4");
    assert_eq!(crew(&beside("yes")).as_str(), "crew-1");
}

#[test]
fn the_place_decides_between_crews_of_one_department_and_nowhere_still_gets_one() {
    let city = harbor();
    let crew = |code: &str, place| {
        let crew = city.route(&ServiceCode::from(code), &Answers::new(), place);
        crew.map(|id| id.to_string())
    };
    let fairview = at(47.6200, -122.3150);
    assert_eq!(city.district_at(fairview).unwrap().id.as_str(), "fairview");
    assert_eq!(crew("pothole", Some(fairview)).as_deref(), Some("crew-1"));
    assert_eq!(crew("pothole", Some(photo())).as_deref(), Some("crew-4"));
    // Crew 4 alone has a bucket truck, so it goes where it does not otherwise work.
    assert_eq!(crew("street_light_out", Some(fairview)).as_deref(), Some("crew-4"));
    assert_eq!(crew("pothole", None).as_deref(), Some("crew-1"));
    assert_eq!(crew("unheard_of", Some(photo())), None);
}

#[test]
fn streets_are_many_and_most_of_the_land_has_an_address() {
    let city = harbor();
    let mut names: Vec<_> = city.streets.iter().map(|street| &street.name).collect();
    names.sort();
    names.dedup();
    assert!((60..=90).contains(&names.len()), "{} names", names.len());
    let near = grid(&city).filter(|p| distance_m(*p, photo()) < 1_500.0);
    let (with, without): (Vec<_>, Vec<_>) = near.partition(|p| city.address_near(*p).is_some());
    assert!(with.len() > 20 * without.len(), "{} of {}", with.len(), without.len());
}

#[test]
fn real_districts_parse_and_times_square_is_in_exactly_one() {
    let file = "nyc-community-districts.geojson";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/boundaries");
    let Ok(text) = std::fs::read_to_string(folder.join(file)) else {
        println!("skipped: ../shared/data is absent");
        return;
    };
    let districts = parse_districts(file, &text.replace("\"GEONAME\"", "\"name\"")).unwrap();
    assert_eq!(districts.len(), 71);
    let times_square = at(40.7580, -73.9855);
    let found: Vec<_> = districts.iter().filter(|d| d.area.contains(times_square)).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id.as_str(), "105", "Midtown, {}", found[0].name);
}
