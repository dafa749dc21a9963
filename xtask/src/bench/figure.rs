//! A figure: a value, its goal, and what it was measured beside.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

/// One measured value that must not exceed its goal.
#[derive(Debug)]
pub(crate) struct Figure {
    pub(crate) figure: String,
    pub(crate) value: f64,
    pub(crate) unit: String,
    pub(crate) goal: f64,
    pub(crate) holds: bool,
    /// What helps to judge the value: the calibration loop's time, the parts of a sum.
    pub(crate) against: Map<String, Value>,
}

impl Figure {
    pub(crate) fn new(figure: &str, value: f64, unit: &str, goal: f64, against: Map<String, Value>) -> Self {
        Self { figure: figure.to_owned(), value, unit: unit.to_owned(), goal, holds: value <= goal, against }
    }

    /// Reads what a measuring program printed: `{"figure", "value", "unit", "goal", "against"}`.
    pub(crate) fn parse(line: &str) -> Result<Self> {
        let printed: Value = serde_json::from_str(line).with_context(|| format!("not a figure: {line}"))?;
        let text = |key: &str| printed[key].as_str().with_context(|| format!("no text `{key}` in {line}"));
        let number = |key: &str| printed[key].as_f64().with_context(|| format!("no number `{key}` in {line}"));
        let against = printed["against"].as_object().cloned().unwrap_or_default();
        Ok(Self::new(text("figure")?, number("value")?, text("unit")?, number("goal")?, against))
    }
}

/// To stdout, as JSON lines or as a table.
pub(crate) fn print(figures: &[Figure], json: bool) -> Result<()> {
    if json {
        for each in figures {
            println!("{}", line(each)?);
        }
        return Ok(());
    }
    let width = figures.iter().map(|each| each.figure.chars().count()).max().unwrap_or_default();
    println!("{:<width$} {:>10} {:>10} {:<4}       beside", "figure", "value", "goal", "unit");
    for each in figures {
        let holds = if each.holds { "holds" } else { "FAILS" };
        let beside: Vec<String> = each.against.iter().map(|(name, value)| format!("{name} {value}")).collect();
        println!(
            "{:<width$} {:>10} {:>10} {:<4} {holds} {}",
            each.figure,
            rounded(each.value),
            rounded(each.goal),
            each.unit,
            beside.join(", ")
        );
    }
    Ok(())
}

/// Says on stderr which goals are missed; whether none is.
pub(crate) fn hold(figures: &[Figure]) -> bool {
    for each in figures.iter().filter(|each| !each.holds) {
        let (value, goal) = (rounded(each.value), rounded(each.goal));
        eprintln!("does not hold: {}: {value} {unit}, and {goal} {unit} is the goal", each.figure, unit = each.unit);
    }
    let kept = figures.iter().filter(|each| each.holds).count();
    eprintln!("{kept} of {} goals hold", figures.len());
    kept == figures.len()
}

/// `{"figure","value","unit","goal","holds","against"}`, in this order.
fn line(figure: &Figure) -> Result<String> {
    let Figure { figure, value, unit, goal, holds, against } = figure;
    let fields = [
        ("figure", json!(figure)),
        ("value", json!(value)),
        ("unit", json!(unit)),
        ("goal", json!(goal)),
        ("holds", json!(holds)),
        ("against", json!(against)),
    ];
    let fields: Result<Vec<String>> =
        fields.iter().map(|(key, value)| Ok(format!("\"{key}\":{}", serde_json::to_string(value)?))).collect();
    Ok(format!("{{{}}}", fields?.join(",")))
}

fn rounded(value: f64) -> String {
    if value < 10.0 { format!("{value:.2}") } else { format!("{value:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_holds_up_to_its_goal() -> Result<()> {
        let line = |value: &str| format!(r#"{{"figure":"x","value":{value},"unit":"ms","goal":100}}"#);
        assert!(Figure::parse(&line("100"))?.holds);
        assert!(!Figure::parse(&line("100.1"))?.holds);
        assert!(Figure::parse(r#"{"figure":"x"}"#).is_err());
        let printed = super::line(&Figure::parse(&line("7.5"))?)?;
        assert_eq!(printed, r#"{"figure":"x","value":7.5,"unit":"ms","goal":100.0,"holds":true,"against":{}}"#);
        Ok(())
    }
}
