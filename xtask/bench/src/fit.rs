//! What the public exports of three cities look like, as figures: how often each kind of request comes, how long texts
//! are, how many are duplicates, where and when.
//!
//! The exports are not in the repository; `fit.json` is, and `coldpatch-bench fit <folder of the exports>` makes it.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Something, and how often it came.
pub type Count<T> = (T, u32);

/// The figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// New York: kind and detail of the complaint, most frequent first.
    pub kinds: Vec<Count<(String, String)>>,
    /// New York: how requests come in.
    pub channels: Vec<Count<String>>,
    /// New York: street names.
    pub streets: Vec<Count<String>>,
    /// New York: words of the city's answers, for notes.
    pub words: Vec<Count<String>>,
    /// Boston: requests by the hour of the day.
    pub hours: Vec<Count<u8>>,
    /// New York: house numbers.
    pub house_numbers: Quantiles,
    /// New York: degrees.
    pub latitudes: Quantiles,
    /// New York: degrees.
    pub longitudes: Quantiles,
    /// Boston: hours from opening to closing. (New York's export is one night's noise, closed within the hour.)
    pub hours_to_close: Quantiles,
    /// New York: the part that is closed.
    pub closed: f64,
    /// Chicago: the part that the city marked as duplicates.
    pub duplicates: f64,
    /// Chicago: potholes filled at one place.
    pub filled: Quantiles,
    /// Boston: characters of the words that a request is closed with.
    pub note_lengths: Quantiles,
    /// Boston: the part that comes with a photo.
    pub photos: f64,
}

/// Values below which 0 %, 5 %, 10 % … 100 % lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantiles(pub Vec<f64>);

impl Quantiles {
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let last = values.len().saturating_sub(1) as f64;
        let at = |step: u32| values.get((last * f64::from(step) / 20.0).round() as usize).copied().unwrap_or(0.0);
        Self((0..=20).map(at).map(|value| (value * 1e5).round() / 1e5).collect())
    }

    /// The value below which this part lies, 0 to 1.
    #[must_use]
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
    pub fn at(&self, share: f64) -> f64 {
        let place = share.clamp(0.0, 1.0) * self.0.len().saturating_sub(1) as f64;
        let value = |index: usize| self.0.get(index).copied().unwrap_or(0.0);
        let (low, high) = (value(place.floor() as usize), value(place.ceil() as usize));
        low + (high - low) * place.fract()
    }

    /// Where a value lies between the least and the most, 0 to 1.
    #[must_use]
    pub fn normalized(&self, value: f64) -> f64 {
        let (low, high) = (self.at(0.0), self.at(1.0));
        if high > low { (value - low) / (high - low) } else { 0.5 }
    }
}

impl Fit {
    /// The figures in the repository.
    ///
    /// # Errors
    /// When `fit.json` is damaged.
    pub fn committed() -> Result<Self> {
        serde_json::from_str(include_str!("../fit.json")).context("xtask/bench/fit.json is damaged")
    }

    /// The figures of the exports in a folder.
    ///
    /// # Errors
    /// When an export is missing or has other columns.
    pub fn of_exports(folder: &Path) -> Result<Self> {
        let new_york = Table::read(&folder.join("nyc-2022-05.csv"))?;
        let chicago = Table::read(&folder.join("chicago-potholes-2018-12.csv"))?;
        let boston = Table::read(&folder.join("boston-100.csv"))?;
        let numbers = |texts: Vec<&str>| Quantiles::of(texts.iter().filter_map(|text| text.parse().ok()).collect());
        let kind = new_york.column("Complaint Type")?.into_iter().zip(new_york.column("Descriptor")?);
        let addresses = new_york.column("Incident Address")?;
        let resolutions = new_york.column("Resolution Description")?;
        let words = resolutions.iter().flat_map(|text| text.split_whitespace());
        let statuses = chicago.column("status")?;
        let (opened, closed) = (boston.column("open_dt")?, boston.column("closed_dt")?);
        let open_for = opened.iter().zip(&closed).filter_map(|(from, to)| Some(hours(to)? - hours(from)?));
        let lengths = boston.column("closure_reason")?;
        let lengths = lengths.iter().map(|text| text.trim().chars().count()).filter(|length| *length > 0);
        Ok(Self {
            kinds: counted(kind.map(|(kind, detail)| (kind.to_owned(), detail.to_owned())), 60),
            channels: counted(new_york.column("Open Data Channel Type")?.into_iter().map(str::to_owned), 10),
            streets: counted(new_york.column("Street Name")?.into_iter().filter(filled).map(squeezed), 200),
            words: counted(words.map(str::to_owned), 200),
            hours: counted(opened.iter().filter_map(|time| time.get(11..13)?.parse().ok()), 24),
            house_numbers: numbers(addresses.iter().filter_map(|text| text.split(' ').next()).collect()),
            latitudes: numbers(new_york.column("Latitude")?),
            longitudes: numbers(new_york.column("Longitude")?),
            hours_to_close: Quantiles::of(open_for.collect()),
            closed: part(&new_york.column("Status")?, |status| status == "Closed"),
            duplicates: part(&statuses, |status| status.ends_with("- Dup")),
            filled: numbers(chicago.column("number_of_potholes_filled_on_block")?),
            note_lengths: Quantiles::of(
                lengths.filter_map(|length| u32::try_from(length).ok()).map(f64::from).collect(),
            ),
            photos: part(&boston.column("submittedphoto")?, |photo| !photo.trim().is_empty()),
        })
    }
}

fn filled(text: &&str) -> bool {
    !text.trim().is_empty()
}

/// One blank between words.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[allow(clippy::cast_precision_loss, reason = "a part of some thousand rows")]
fn part(texts: &[&str], is: impl Fn(&str) -> bool) -> f64 {
    let count = texts.iter().filter(|text| is(text)).count();
    (count as f64 / texts.len().max(1) as f64 * 1e4).round() / 1e4
}

/// The most frequent ones; equally frequent ones in their own order.
fn counted<T: Ord>(values: impl Iterator<Item = T>, most: usize) -> Vec<Count<T>> {
    let mut counts = BTreeMap::new();
    values.for_each(|value| *counts.entry(value).or_insert(0_u32) += 1);
    let mut counts: Vec<Count<T>> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(most);
    counts
}

/// Hours since some day, of `2022-01-19 11:18:00`; months count as 31 days.
fn hours(text: &str) -> Option<f64> {
    let parts: Vec<f64> = text.split(['-', ' ', ':']).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [year, month, day, hour, minute, second] = parts.as_slice() else { return None };
    Some(((year * 12.0 + month) * 31.0 + day) * 24.0 + hour + minute / 60.0 + second / 3600.0)
}

struct Table {
    names: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Table {
    fn read(file: &Path) -> Result<Self> {
        let mut reader = csv::Reader::from_path(file).with_context(|| format!("cannot read {}", file.display()))?;
        let names = reader.headers()?.iter().map(str::to_owned).collect();
        Ok(Self { names, rows: reader.records().collect::<Result<_, _>>()? })
    }

    fn column(&self, name: &str) -> Result<Vec<&str>> {
        let index = self.names.iter().position(|known| known == name).with_context(|| format!("no column {name}"))?;
        Ok(self.rows.iter().map(|row| row.get(index).unwrap_or_default()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_figures_are_those_of_the_exports() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/requests");
        if !folder.exists() {
            println!("skipped: ../shared/data is absent");
            return;
        }
        assert_eq!(Fit::of_exports(&folder).unwrap(), Fit::committed().unwrap(), "run `coldpatch-bench fit` again");
    }

    #[test]
    fn quantiles_run_from_the_least_to_the_most() {
        let quantiles = Quantiles::of((0..=100).map(f64::from).collect());
        assert_eq!((quantiles.at(0.0), quantiles.at(0.5), quantiles.at(1.0)), (0.0, 50.0, 100.0));
        assert!((quantiles.at(0.525) - 52.5).abs() < 1e-9);
    }
}
