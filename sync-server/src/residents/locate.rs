//! From words to a place: `Alder St 214`, `214 Alder Street`, `Alder St and Fifth Ave`.
//!
//! Only what the city's own street file can answer; there is no geocoder. What it cannot place stays words: a person may
//! send those as they are, and the crew finds it.

use coldpatch_shared::city::{City, Street};
use coldpatch_shared::geo::LatLon;

/// Why an address has no place, in words that help to write a better one.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum NotFound {
    /// No street of that name.
    #[error("We do not know that street.{}", suggestion(closest.as_deref()))]
    Street {
        /// A street whose name is nearly that.
        closest: Option<String>,
    },
    /// The street is known, but not where along it.
    #[error("{street} is long. Add a house number, or the street that crosses it, like “{street} and …”.")]
    Where {
        /// Its name.
        street: String,
    },
    /// A number that the street does not have.
    #[error("{street} has no number {number}; its numbers go from {from} to {to}.")]
    Number {
        /// Its name.
        street: String,
        /// What was asked for.
        number: u32,
        /// The lowest.
        from: u32,
        /// The highest.
        to: u32,
    },
    /// A number that the street has more than once.
    #[error(
        "There is more than one {street} {number}. Add the street that crosses it, like “{street} {number}, near …”."
    )]
    Several {
        /// Its name.
        street: String,
        /// What was asked for.
        number: u32,
    },
    /// Two streets that do not meet.
    #[error("{one} and {other} do not cross.")]
    Corner {
        /// One.
        one: String,
        /// The other.
        other: String,
    },
}

fn suggestion(closest: Option<&str>) -> String {
    closest.map_or_else(String::new, |name| format!(" Did you mean {name}?"))
}

/// The place of an address.
pub(super) fn locate(city: &City, address: &str) -> Result<LatLon, NotFound> {
    // `Alder St 214, near Fifth Ave`: what follows the comma only explains.
    let (address, explains) = address.split_once(',').unwrap_or((address, ""));
    if let Some((one, other)) = corner(address) {
        let (one, other) = (streets(city, &words(one))?, streets(city, &words(other))?);
        let corner = one.pieces.iter().flat_map(|a| other.pieces.iter().map(move |b| meeting(a, b))).flatten().next();
        return corner.ok_or(NotFound::Corner { one: one.name, other: other.name });
    }
    let words = words(address);
    if let Ok(street) = streets(city, &words) {
        return Err(NotFound::Where { street: street.name });
    }
    let number = |word: &String| word.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<u32>().ok();
    let (number, name) = match (words.split_first(), words.split_last()) {
        (Some((first, rest)), _) if number(first).is_some() && !rest.is_empty() => (number(first), rest),
        (_, Some((last, rest))) if number(last).is_some() && !rest.is_empty() => (number(last), rest),
        _ => (None, &words[..]),
    };
    let street = streets(city, name)?;
    let named = || NotFound::Where { street: street.name.clone() };
    let number = number.ok_or_else(named)?;
    let numbered = || street.pieces.iter().filter_map(|piece| Some((*piece, piece.numbers?)));
    let places: Vec<LatLon> = numbered()
        .filter(|(_, (a, b))| (*a.min(b)..=*a.max(b)).contains(&number))
        .filter_map(|(piece, (a, b))| {
            let (number, a, b) = (f64::from(number), f64::from(a), f64::from(b));
            point_along(&piece.line, if a == b { 0.0 } else { (number - a) / (b - a) })
        })
        .collect();
    match places[..] {
        [] => {
            let from = numbered().map(|(_, (a, b))| a.min(b)).min().ok_or_else(named)?;
            let to = numbered().map(|(_, (a, b))| a.max(b)).max().ok_or_else(named)?;
            Err(NotFound::Number { street: street.name, number, from, to })
        }
        [place] => Ok(place),
        _ => nearest_to(city, &places, explains).ok_or(NotFound::Several { street: street.name, number }),
    }
}

/// Of several places the one that is nearest to the street that `explains` names.
fn nearest_to(city: &City, places: &[LatLon], explains: &str) -> Option<LatLon> {
    let mut name = words(explains);
    name.retain(|word| word != "near");
    let other = streets(city, &name).ok()?;
    let far =
        |place: LatLon| other.pieces.iter().flat_map(|piece| legs(piece)).map(move |(a, b)| distance(place, a, b));
    places
        .iter()
        .copied()
        .min_by(|a, b| far(*a).fold(f64::INFINITY, f64::min).total_cmp(&far(*b).fold(f64::INFINITY, f64::min)))
}

fn legs(street: &Street) -> Vec<(LatLon, LatLon)> {
    street.line.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect()
}

/// Two streets, if that is what the words name.
fn corner(address: &str) -> Option<(&str, &str)> {
    let lower = address.to_ascii_lowercase();
    [" and ", " at ", "/", "&", " x ", " near "].into_iter().find_map(|separator| {
        let at = lower.find(separator)?;
        Some((&address[..at], &address[at + separator.len()..]))
    })
}

/// The words of a street's name, as we compare them: lower case, the kinds of street in their short form.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| match word {
            "street" | "str" => "st",
            "avenue" | "av" => "ave",
            "road" => "rd",
            "boulevard" => "blvd",
            "lane" => "ln",
            "drive" => "dr",
            "square" => "sq",
            "place" => "pl",
            "court" => "ct",
            "terrace" => "ter",
            "parkway" => "pkwy",
            "highway" => "hwy",
            "north" => "n",
            "south" => "s",
            "east" => "e",
            "west" => "w",
            "1st" => "first",
            "2nd" => "second",
            "3rd" => "third",
            "4th" => "fourth",
            "5th" => "fifth",
            "6th" => "sixth",
            "7th" => "seventh",
            "8th" => "eighth",
            "9th" => "ninth",
            "10th" => "tenth",
            other => other,
        })
        .map(str::to_owned)
        .collect()
}

/// A street with all its pieces: a river or a park may cut it, and each piece has numbers of its own.
struct Whole<'a> {
    name: String,
    pieces: Vec<&'a Street>,
}

fn streets<'a>(city: &'a City, name: &[String]) -> Result<Whole<'a>, NotFound> {
    let found = |fits: &dyn Fn(&[String]) -> bool| -> Option<Whole<'a>> {
        let mut pieces: Vec<&Street> = city.streets.iter().filter(|street| fits(&words(&street.name))).collect();
        let name = pieces.first()?.name.clone();
        let several = pieces.iter().any(|piece| piece.name != name);
        pieces.retain(|piece| piece.name == name);
        (!several).then_some(Whole { name, pieces })
    };
    // `Alder` is enough when there is one street of that name.
    let short = |words: &[String]| !name.is_empty() && words.len() == name.len() + 1 && words.starts_with(name);
    if let Some(street) = found(&|words| words == name).or_else(|| found(&short)) {
        return Ok(street);
    }
    let typed = name.join(" ");
    let closest = city
        .streets
        .iter()
        .map(|street| (edits(&typed, &words(&street.name).join(" ")), street))
        .min_by_key(|(edits, _)| *edits)
        .filter(|(edits, _)| *edits <= 3 && typed.len() > 4)
        .map(|(_, street)| street.name.clone());
    Err(NotFound::Street { closest })
}

/// How many letters one must add, drop or change to get from one text to the other (Levenshtein).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    // A name is at most a form field long, but nobody's street needs more than this.
    for (i, from) in a.chars().take(80).enumerate() {
        let mut before = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, to) in b.iter().enumerate() {
            let (above, left) = (row.get(j + 1).copied().unwrap_or(0), row.get(j).copied().unwrap_or(0));
            let cost = (before + usize::from(from != *to)).min(above + 1).min(left + 1);
            before = above;
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = cost;
            }
        }
    }
    row.last().copied().unwrap_or(0)
}

/// Degrees of longitude are shorter than those of latitude by this factor.
fn narrowing(at: LatLon) -> f64 {
    at.lat.to_radians().cos()
}

fn length(a: LatLon, b: LatLon) -> f64 {
    ((b.lon - a.lon) * narrowing(a)).hypot(b.lat - a.lat)
}

fn between(a: LatLon, b: LatLon, fraction: f64) -> Option<LatLon> {
    LatLon::new(a.lat + (b.lat - a.lat) * fraction, a.lon + (b.lon - a.lon) * fraction).ok()
}

/// The point at a fraction of a line's length.
fn point_along(line: &[LatLon], along: f64) -> Option<LatLon> {
    let legs = || line.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?)));
    let mut left = along.clamp(0.0, 1.0) * legs().map(|(a, b)| length(a, b)).sum::<f64>();
    for (a, b) in legs() {
        let leg = length(a, b);
        if left <= leg {
            return between(a, b, if leg > 0.0 { left / leg } else { 0.0 });
        }
        left -= leg;
    }
    line.last().copied()
}

/// Where two streets cross, or where one ends within 15 m of the other's nearest corner point.
fn meeting(one: &Street, other: &Street) -> Option<LatLon> {
    let near = 15.0 / 111_195.0;
    let (ours, theirs) = (legs(one), legs(other));
    for &(a0, a1) in &ours {
        for &(b0, b1) in &theirs {
            if let Some(fraction) = crossing((a0, a1), (b0, b1)) {
                return between(a0, a1, fraction);
            }
        }
    }
    let mut ends = [other.line.first(), other.line.last()].into_iter().flatten();
    ends.find(|end| ours.iter().any(|&(a, b)| distance(**end, a, b) <= near)).copied().or_else(|| {
        let mut ends = [one.line.first(), one.line.last()].into_iter().flatten();
        ends.find(|end| theirs.iter().any(|&(a, b)| distance(**end, a, b) <= near)).copied()
    })
}

/// How far along `a` it is cut by `b`, 0 to 1.
fn crossing((a0, a1): (LatLon, LatLon), (b0, b1): (LatLon, LatLon)) -> Option<f64> {
    let (ax, ay) = (a1.lon - a0.lon, a1.lat - a0.lat);
    let (bx, by) = (b1.lon - b0.lon, b1.lat - b0.lat);
    let (dx, dy) = (b0.lon - a0.lon, b0.lat - a0.lat);
    let turn = ax * by - ay * bx;
    if turn == 0.0 {
        return None;
    }
    let (along_a, along_b) = ((dx * by - dy * bx) / turn, (dx * ay - dy * ax) / turn);
    ((0.0..=1.0).contains(&along_a) && (0.0..=1.0).contains(&along_b)).then_some(along_a)
}

/// From a point to a leg, in degrees of latitude.
fn distance(point: LatLon, a: LatLon, b: LatLon) -> f64 {
    let narrow = narrowing(a);
    let (ax, ay) = ((b.lon - a.lon) * narrow, b.lat - a.lat);
    let (px, py) = ((point.lon - a.lon) * narrow, point.lat - a.lat);
    let square = ax * ax + ay * ay;
    let fraction = if square > 0.0 { ((px * ax + py * ay) / square).clamp(0.0, 1.0) } else { 0.0 };
    (px - ax * fraction).hypot(py - ay * fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use coldpatch_shared::city::demo_files;
    use coldpatch_shared::geo::distance_m;

    fn city() -> City {
        City::parse(&demo_files()).unwrap()
    }

    #[test]
    fn an_address_that_the_city_itself_gives_leads_back_to_the_place() {
        let city = city();
        for street in city.streets.iter().filter(|street| street.numbers.is_some()) {
            let place = point_along(&street.line, 0.4).unwrap();
            let address = city.address_near(place).unwrap();
            let found = locate(&city, &address).unwrap_or_else(|error| panic!("{address}: {error}"));
            assert!(distance_m(place, found) < 40.0, "{address}: {} m", distance_m(place, found));
        }
    }

    #[test]
    fn a_number_that_a_street_has_twice_asks_for_the_corner() {
        let mut city = city();
        let mut twin = city.streets.iter().find(|street| street.name == "Ropewalk St").unwrap().clone();
        twin.line.iter_mut().for_each(|place| place.lat += 0.02);
        city.streets.push(twin);
        let error = locate(&city, "Ropewalk St 200").unwrap_err();
        assert!(matches!(error, NotFound::Several { .. }), "{error}");
    }

    #[test]
    fn number_first_number_last_and_long_forms_are_the_same_place() {
        let city = city();
        let short = locate(&city, "Ropewalk St 200").unwrap();
        assert_eq!(locate(&city, "200 ropewalk street").unwrap(), short);
        assert_eq!(locate(&city, " Ropewalk, 200").unwrap_err(), NotFound::Where { street: "Ropewalk St".into() });
        assert_eq!(locate(&city, "200 Ropewalk, Harbor").unwrap(), short);
    }

    #[test]
    fn a_corner_is_on_both_streets() {
        let city = city();
        let (one, other) = city
            .streets
            .iter()
            .flat_map(|one| city.streets.iter().map(move |other| (one, other)))
            .find(|(one, other)| one.name != other.name && meeting(one, other).is_some())
            .unwrap();
        let place = locate(&city, &format!("{} and {}", one.name, other.name)).unwrap();
        let address = city.address_near(place).unwrap();
        assert!(address.contains(&one.name) || address.contains(&other.name), "{address}");
    }

    #[test]
    fn what_is_not_found_says_what_would_help() {
        let city = city();
        let error = locate(&city, "Ropewlak St 20").unwrap_err().to_string();
        assert_eq!(error, "We do not know that street. Did you mean Ropewalk St?");
        let error = locate(&city, "Ropewalk St 99999").unwrap_err().to_string();
        assert!(error.starts_with("Ropewalk St has no number 99999"), "{error}");
        let error = locate(&city, "behind the library").unwrap_err();
        assert_eq!(error, NotFound::Street { closest: None });
        assert!(locate(&city, "").is_err());
        assert!(locate(&city, "/").is_err());
        assert!(locate(&city, "é and ß 12").is_err());
    }
}
