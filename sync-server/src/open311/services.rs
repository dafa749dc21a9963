//! `GET services.json` and `services/{code}.json`: the catalog.

use super::{Fault, check_jurisdiction};
use crate::http::Shared;
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use coldpatch_shared::city::{Question, QuestionKind, ServiceType};
use coldpatch_shared::ids::ServiceCode;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    jurisdiction_id: Option<String>,
}

pub(super) async fn list(
    State(app): State<Shared>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Vec<Value>>, Fault> {
    let Query(asked) = asked?;
    check_jurisdiction(&app, asked.jurisdiction_id.as_deref())?;
    Ok(Json(app.city.catalog.service_types.iter().map(service).collect()))
}

pub(super) async fn definition(
    State(app): State<Shared>,
    name: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Value>, Fault> {
    let (Path(name), Query(asked)) = (name?, asked?);
    check_jurisdiction(&app, asked.jurisdiction_id.as_deref())?;
    let code = name.strip_suffix(".json").unwrap_or(&name);
    let kind = app.city.service_type(&ServiceCode::from(code));
    let kind = kind.ok_or_else(|| Fault::not_found(format!("service_code {code} was not found.")))?;
    let attributes: Vec<_> =
        kind.questions.iter().zip(1..).map(|(question, order)| attribute(question, order)).collect();
    Ok(Json(json!({ "service_code": kind.code, "attributes": attributes })))
}

fn service(kind: &ServiceType) -> Value {
    json!({
        "service_code": kind.code,
        "service_name": kind.name,
        "description": kind.description,
        "metadata": !kind.questions.is_empty(),
        "type": "realtime",
        "keywords": kind.keywords.join(","),
        "group": kind.group,
    })
}

fn attribute(question: &Question, order: u32) -> Value {
    let datatype = match question.kind {
        QuestionKind::Text => "string",
        QuestionKind::Number => "number",
        QuestionKind::Single => "singlevaluelist",
        QuestionKind::Multi => "multivaluelist",
    };
    let values: Vec<_> =
        question.options.iter().map(|option| json!({ "key": option.key, "name": option.name })).collect();
    json!({
        "variable": true,
        "code": question.code,
        "datatype": datatype,
        "required": question.required,
        "datatype_description": null,
        "order": order,
        "description": question.text,
        "values": values,
    })
}
