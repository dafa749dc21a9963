//! Everyone in a scope has the same documents.

use super::{City, claim};
use crate::run::Wrong;
use crate::run::phone::Phone;
use coldpatch_shared::ids::WorkOrderId;
use std::collections::BTreeSet;

/// A phone has exactly the memberships of the scopes that it follows, and each document as the server has it.
pub(super) fn check(phone: &Phone, followed: &[String], city: &mut City) -> Result<(), Wrong> {
    let number = phone.id.0;
    let Some(store) = &phone.store else { return Err(Wrong(format!("phone {number} does not run"))) };
    let mut has: BTreeSet<(String, WorkOrderId)> = BTreeSet::new();
    let mut statement = store.db().prepare("SELECT scope, work_order FROM memberships")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        has.insert((row.get(0)?, WorkOrderId(row.get(1)?)));
    }
    let mut should: BTreeSet<(String, WorkOrderId)> = BTreeSet::new();
    for scope in followed {
        should.extend(city.scopes.get(scope).into_iter().flatten().map(|id| (scope.clone(), *id)));
    }
    let missing: Vec<_> = should.difference(&has).collect();
    claim(missing.is_empty(), || format!("phone {number} does not know that these are in its scopes: {missing:?}"))?;
    let more: Vec<_> = has.difference(&should).collect();
    claim(more.is_empty(), || format!("phone {number} thinks that these are in its scopes: {more:?}"))?;
    for (_, id) in &should {
        let mut accepted = store.accepted(*id)?.ok_or_else(|| Wrong(format!("phone {number} does not have {id}")))?;
        let known = city.known.get_mut(id).ok_or_else(|| Wrong(format!("{id} is in a scope and not on the server")))?;
        let (here, there) = (accepted.heads(), known.doc.heads());
        claim(here == there, || format!("{id}: phone {number} has heads {here:?}, the server has {there:?}"))?;
    }
    for id in store.work_orders()? {
        let in_scope = should.iter().any(|(_, member)| *member == id);
        let needed = store.needs_attention()?.iter().any(|refused| refused.deed.parts().contains(&id));
        claim(in_scope || needed, || format!("phone {number} still has {id}, which is in none of its scopes"))?;
    }
    Ok(())
}
