//! What mistakes in a city's files look like to whoever made them: file, place, reason.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use coldpatch_shared::city::{City, CityError, CityFiles, Problem, demo_files};

/// The demo city with one replacement in one file; the text to replace must be there.
fn edited(file: &str, from: &str, to: &str) -> Result<City, CityError> {
    let mut files = demo_files().files().clone();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(from), "{file} no longer contains {from}");
    *text = text.replacen(from, to, 1);
    City::parse(&CityFiles::new(files))
}

#[test]
fn a_typo_in_a_value_says_file_line_and_field() {
    let error = edited("catalog.json", r#""priority": "urgent""#, r#""priority": "urgnt""#);
    let error = error.unwrap_err();
    let CityError::Malformed { file, line, path, .. } = &error else {
        panic!("{error}");
    };
    let text = demo_files().get("catalog.json").unwrap().to_owned();
    let expected = text.lines().position(|l| l.contains(r#""urgent""#)).unwrap() + 1;
    assert_eq!((file.as_str(), *line), ("catalog.json", expected));
    assert_eq!(path, "service_types[6].priority");
    assert!(error.to_string().contains("urgnt"), "{error}");
}

#[test]
fn a_misspelled_field_and_a_missing_comma_are_found() {
    let missing = edited("organization.json", r#""departments": ["#, r#""department": ["#);
    let text = missing.unwrap_err().to_string();
    assert!(text.contains("organization.json") && text.contains("`departments`"), "{text}");
    let comma = edited("city.json", r#""Harbor","#, r#""Harbor""#).unwrap_err();
    assert!(comma.to_string().starts_with("city.json, line 4"), "{comma}");
}

#[test]
fn a_dangling_reference_is_named_with_its_place() {
    let cases = [
        ("catalog.json", r#""department": "water""#, r#""department": "watre""#, "watre"),
        ("organization.json", r#""old-town""#, r#""oldtown""#, "oldtown"),
        ("organization.json", r#""crew": "crew-4""#, r#""crew": "crew-5""#, "crew-5"),
        ("routing.json", r#""pothole""#, r#""potole""#, "potole"),
        ("routing.json", r#""beside_grate""#, r#""beside_drain""#, "beside_drain"),
        ("routing.json", r#"["yes"]"#, r#"["maybe"]"#, "maybe"),
        ("routing.json", r#""crew-1""#, r#""crew-9""#, "crew-9"),
    ];
    for (name, from, to, dangling) in cases {
        match edited(name, from, to) {
            Err(CityError::Invalid { file, path, problem: Problem::Dangling { id, .. } }) => {
                assert_eq!((file.as_str(), id.as_str()), (name, dangling));
                assert!(path.contains('['), "{path}");
            }
            other => panic!("{to}: {:?}", other.err()),
        }
    }
}

#[test]
fn a_code_that_two_types_have_is_refused() {
    let error = edited("catalog.json", r#""code": "graffiti""#, r#""code": "pothole""#);
    let text = error.unwrap_err().to_string();
    assert_eq!(text, "catalog.json, service_types[3]: a second service code `pothole`; each must be unique");
}

#[test]
fn swapped_coordinates_and_missing_files_are_refused() {
    let swapped =
        edited("city.json", r#"{"lat": 47.627167, "lon": -122.337333}"#, r#"{"lat": -122.337333, "lon": 47.627167}"#);
    assert!(swapped.unwrap_err().to_string().starts_with("city.json, center: latitude"));
    let mut files = demo_files().files().clone();
    files.remove("routing.json");
    let file = "routing.json".to_owned();
    let missing = City::parse(&CityFiles::new(files));
    assert_eq!(missing.unwrap_err(), CityError::MissingFile { file });
}

#[test]
fn a_newer_catalog_with_unknown_fields_is_read() {
    let newer = edited("catalog.json", r#""icon": "tree""#, r#""icon": "tree", "cost": {"usd": 9}"#);
    let (newer, shipped) = (newer.unwrap(), City::parse(&demo_files()).unwrap());
    let types = |city: &City| city.catalog.service_types.clone();
    assert_eq!(types(&newer), types(&shipped));
    assert_ne!(newer.catalog.version, shipped.catalog.version);
}
