//! Copies of a work order with ids of their own: some twenty microseconds each, where living through it takes milliseconds.
//!
//! A document of Automerge, its changes and what it says are bytes in which every id stands as text of a fixed length. Only
//! the ends of ids are replaced, the instants at their beginnings stay: so their order stays, and with it the order of
//! everything in the bytes. Then the hashes are computed again, each change's after those that it builds on. What comes out
//! is, byte for byte, what Automerge would have written for such a life; the tests ask it.

use super::{World, tracking_number};
use crate::dice::Dice;
use anyhow::{Context, Result, ensure};
use automerge::ChangeHash;
use coldpatch_server::storage::{NewChange, OrderWrite};
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::WorkOrder;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// So many of an id's characters are another work order's: the last group of a UUID, the end of a SHA-256.
const END: usize = 12;
/// Where a chunk of Automerge's format has its checksum, and where begins what that is over.
const CHECKSUM: std::ops::Range<usize> = 4..8;

/// Bytes, and where something of a work order's own stands in them.
#[derive(Debug)]
struct Stencil {
    bytes: Vec<u8>,
    /// Places and what stands there: the end of the id of this number.
    ids: Vec<(usize, usize)>,
    /// Places and what stands there: the hash of the change of this number.
    hashes: Vec<(usize, usize)>,
}

/// A work order of which there can be copies.
#[derive(Debug)]
pub struct Template {
    order: OrderWrite,
    /// Of its changes, in their order.
    changes: Vec<Stencil>,
    document: Stencil,
    view: Stencil,
    /// How long each id is, with what stands at its end.
    ids: Vec<String>,
    /// The index of each change's action among the ids.
    actions: Vec<usize>,
}

impl Template {
    /// Of a work order as it would be written.
    ///
    /// # Errors
    /// None that a generated work order causes.
    pub fn new(order: OrderWrite) -> Result<Self> {
        let view = serde_json::to_string(&order.order)?;
        let mut ids = vec![order.order.id.to_string()];
        ids.extend(order.changes.iter().map(|change| change.action.to_string()));
        ids.extend(order.order.requests.iter().map(|entry| entry.body.request.to_string()));
        let renditions = order.order.photos.iter().flat_map(|photo| &photo.body.renditions);
        ids.extend(renditions.map(|rendition| rendition.sha256.clone()));
        ids.extend(order.order.tracking_numbers.values().cloned());
        let actions = (1..=order.changes.len()).collect();
        let hashes: Vec<ChangeHash> = order.changes.iter().map(|change| change.hash).collect();
        ensure!(order.heads.as_slice() == hashes.get(hashes.len() - 1..).unwrap_or_default(), "not one life");
        let changes = order.changes.iter().map(|change| Stencil::new(change.bytes.clone(), &ids, &hashes)).collect();
        let document = Stencil::new(order.document.clone(), &ids, &hashes);
        let view = Stencil::new(view.into_bytes(), &ids, &[]);
        Ok(Self { order, changes, document, view, ids, actions })
    }

    /// The copy of this number, which no other work order of the world may have.
    ///
    /// # Errors
    /// None that a generated work order causes.
    pub fn copy(&self, world: &World, number: u64) -> Result<OrderWrite> {
        let mut dice = Dice::new(world.seed.rotate_left(32), number);
        let mut numbers = 0;
        let ids: Vec<String> = self
            .ids
            .iter()
            .map(|id| match id.split_once('-') {
                Some((_, digits)) if digits.len() < END => {
                    numbers += 1;
                    tracking_number(number, numbers - 1)
                }
                _ => format!("{}{:012x}", &id[..id.len() - END], dice.number() >> 16),
            })
            .collect();
        let mut hashes = Vec::with_capacity(self.changes.len());
        let mut changes = Vec::with_capacity(self.changes.len());
        for ((stencil, before), action) in self.changes.iter().zip(&self.order.changes).zip(&self.actions) {
            let mut bytes = stencil.filled(&ids, &hashes)?;
            let hash = signed(&mut bytes)?;
            hashes.push(hash);
            let action = ActionId(uuid_of(ids.get(*action))?);
            changes.push(NewChange { hash, bytes, action, ..*before });
        }
        let mut document = self.document.filled(&ids, &hashes)?;
        signed(&mut document)?;
        let order: WorkOrder = serde_json::from_slice(&self.view.filled(&ids, &[])?)?;
        ensure!(order.id == WorkOrderId(uuid_of(ids.first())?), "the copy has another id");
        let heads = hashes.last().copied().into_iter().collect();
        Ok(OrderWrite { seen: 0, changes, document, heads, order, scopes: self.order.scopes.clone() })
    }
}

fn uuid_of(id: Option<&String>) -> Result<Uuid> {
    Ok(Uuid::parse_str(id.context("no id")?)?)
}

impl Stencil {
    fn new(bytes: Vec<u8>, ids: &[String], hashes: &[ChangeHash]) -> Self {
        let places = |what: &[u8]| -> Vec<usize> {
            let found = bytes.windows(what.len()).enumerate().filter(|(_, window)| *window == what);
            found.map(|(place, _)| place).collect()
        };
        let of_id = |(index, id): (usize, &String)| -> Vec<_> {
            places(id.as_bytes()).into_iter().map(|place| (place, index)).collect()
        };
        let of_hash = |(index, hash): (usize, &ChangeHash)| -> Vec<_> {
            places(&hash.0).into_iter().map(|place| (place, index)).collect()
        };
        let ids = ids.iter().enumerate().flat_map(of_id).collect();
        let hashes = hashes.iter().enumerate().flat_map(of_hash).collect();
        Self { bytes, ids, hashes }
    }

    fn filled(&self, ids: &[String], hashes: &[ChangeHash]) -> Result<Vec<u8>> {
        let mut bytes = self.bytes.clone();
        let mut put = |place: usize, what: &[u8]| -> Option<()> {
            bytes.get_mut(place..place + what.len())?.copy_from_slice(what);
            Some(())
        };
        for (place, index) in &self.ids {
            ids.get(*index).and_then(|id| put(*place, id.as_bytes())).context("an id does not fit")?;
        }
        for (place, index) in &self.hashes {
            hashes.get(*index).and_then(|hash| put(*place, &hash.0)).context("a change builds on a later one")?;
        }
        Ok(bytes)
    }
}

/// Puts the checksum of a chunk where it belongs; the hash that it is the beginning of.
fn signed(chunk: &mut [u8]) -> Result<ChangeHash> {
    let (head, content) = chunk.split_at_mut_checked(CHECKSUM.end).context("no chunk")?;
    let hash: [u8; 32] = Sha256::digest(content).into();
    head.iter_mut().skip(CHECKSUM.start).zip(hash).for_each(|(to, from)| *to = from);
    Ok(ChangeHash(hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ours::stock::{self, Received};
    use coldpatch_shared::ids::CrewId;
    use coldpatch_shared::order::OrderDoc;

    #[test]
    fn a_copy_is_byte_for_byte_what_automerge_writes_and_says_what_is_derived_from_it() {
        let world = World::new(311).unwrap();
        for number in 0..20 {
            let order = world.order(number, &CrewId::from("crew-4")).unwrap();
            let write = stock::write(&world.city, &order, &order.changes, 0, Received::Then, 0).unwrap();
            let before = write.order.clone();
            let copy = Template::new(write).unwrap().copy(&world, 1_000 + number).unwrap();
            let mut doc = OrderDoc::load(&copy.document).unwrap();
            assert_eq!(doc.save_plain(), copy.document);
            assert_eq!(doc.heads(), copy.heads);
            let derived = WorkOrder::derive(copy.order.id, &doc.facts()).unwrap();
            assert_eq!(serde_json::to_value(&derived).unwrap(), serde_json::to_value(&copy.order).unwrap());
            let changes: Vec<_> = doc.changes_since(&[]).iter().map(|change| change.raw_bytes().to_vec()).collect();
            assert_eq!(changes, copy.changes.iter().map(|change| change.bytes.clone()).collect::<Vec<_>>());
            assert!(copy.changes.iter().all(|change| doc.has(&change.hash)));
            // Nothing of the first one's own is left.
            assert_ne!((copy.order.id, &copy.order.tracking_numbers), (before.id, &before.tracking_numbers));
            let said = serde_json::to_string(&copy.order).unwrap();
            let own = before.requests.iter().map(|entry| entry.body.request.to_string());
            let own = own.chain(before.history.iter().map(|item| item.id.0.clone()));
            let photos = before.photos.iter().flat_map(|photo| &photo.body.renditions);
            assert!(own.chain(photos.map(|photo| photo.sha256.clone())).all(|id| !said.contains(&id)));
        }
    }
}
