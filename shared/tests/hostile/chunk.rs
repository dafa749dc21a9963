//! Automerge's change chunks, taken apart and put together again with good lengths and a good checksum, so that whatever
//! is changed in between meets what lies behind the checksum.

use sha2::{Digest, Sha256};

pub const CHANGE: u8 = 1;

/// A change, field by field, as the format has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    pub dependencies: Vec<u8>,
    pub actor: Vec<u8>,
    pub seq: u64,
    pub start_op: u64,
    pub time: i64,
    pub message: Vec<u8>,
    pub other_actors: Vec<Vec<u8>>,
    /// Specification and data.
    pub columns: Vec<(u64, Vec<u8>)>,
    pub extra: Vec<u8>,
}

impl Parts {
    /// Of a well-formed change.
    pub fn of(chunk: &[u8]) -> Self {
        let mut rest = &chunk[9..];
        unsigned(&mut rest);
        let dependencies = unsigned(&mut rest) * 32;
        let dependencies = take(&mut rest, dependencies);
        let actor = prefixed(&mut rest);
        let (seq, start_op) = (unsigned(&mut rest), unsigned(&mut rest));
        let (time, message) = (signed(&mut rest), prefixed(&mut rest));
        let other_actors = (0..unsigned(&mut rest)).map(|_| prefixed(&mut rest)).collect();
        let meta: Vec<_> = (0..unsigned(&mut rest)).map(|_| (unsigned(&mut rest), unsigned(&mut rest))).collect();
        let columns = meta.into_iter().map(|(spec, length)| (spec, take(&mut rest, length))).collect();
        Self { dependencies, actor, seq, start_op, time, message, other_actors, columns, extra: rest.to_vec() }
    }

    /// The column with this specification.
    pub fn column(&mut self, spec: u64) -> &mut Vec<u8> {
        let at = self.columns.iter().position(|(known, _)| *known == spec).unwrap_or_else(|| {
            self.columns.push((spec, Vec::new()));
            self.columns.sort();
            self.columns.iter().position(|(known, _)| *known == spec).unwrap_or_default()
        });
        &mut self.columns[at].1
    }

    /// What follows the length of the chunk.
    pub fn body(&self) -> Vec<u8> {
        let mut out = leb(self.dependencies.len() as u64 / 32);
        out.extend(&self.dependencies);
        put(&mut out, &self.actor);
        out.extend(leb(self.seq));
        out.extend(leb(self.start_op));
        out.extend(signed_leb(self.time));
        put(&mut out, &self.message);
        out.extend(leb(self.other_actors.len() as u64));
        self.other_actors.iter().for_each(|actor| put(&mut out, actor));
        out.extend(leb(self.columns.len() as u64));
        for (spec, data) in &self.columns {
            out.extend(leb(*spec));
            out.extend(leb(data.len() as u64));
        }
        self.columns.iter().for_each(|(_, data)| out.extend(data));
        out.extend(&self.extra);
        out
    }

    /// The whole chunk.
    pub fn chunk(&self) -> Vec<u8> {
        framed(CHANGE, &self.body())
    }

    /// This change after a little program that damages it: steps of four bytes (field, what to do, where, with what).
    /// Any bytes are a program; so a fuzzer that flips them makes changes that are well framed and wrong inside.
    pub fn damaged(&self, program: &[u8]) -> Self {
        let mut parts = self.clone();
        for step in program.chunks_exact(4) {
            parts.step(step[0], step[1], usize::from(step[2]), step[3]);
        }
        parts
    }

    fn step(&mut self, field: u8, what: u8, at: usize, with: u8) {
        let columns = self.columns.len().max(1);
        match field {
            0 => self.seq = number(self.seq, what, with),
            1 => self.start_op = number(self.start_op, what, with),
            2 => self.time = number(self.time.cast_unsigned(), what, with).cast_signed(),
            3 => bytes(&mut self.dependencies, what, at, with),
            4 => bytes(&mut self.actor, what, at, with),
            5 => bytes(&mut self.message, what, at, with),
            6 => match (what % 3, self.other_actors.len()) {
                (0, _) => self.other_actors.push(vec![with; at % 24 + 1]),
                (1, 1..) => drop(self.other_actors.pop()),
                (_, count @ 1..) => bytes(&mut self.other_actors[at % count], what, at, with),
                _ => (),
            },
            7 => bytes(&mut self.extra, what, at, with),
            8 => self.columns.push((u64::from(with), Vec::new())),
            9 if !self.columns.is_empty() => drop(self.columns.remove(at % columns)),
            10 if !self.columns.is_empty() => self.columns[at % columns].0 = u64::from(with),
            11 if !self.columns.is_empty() => self.columns.swap(at % columns, usize::from(with) % columns),
            _ if !self.columns.is_empty() => bytes(&mut self.columns[usize::from(field) % columns].1, what, at, with),
            _ => (),
        }
    }
}

fn number(old: u64, what: u8, with: u8) -> u64 {
    match what % 6 {
        0 => old.wrapping_add(with.into()),
        1 => old.wrapping_sub(with.into()),
        2 => with.into(),
        3 => 1 << (with % 64),
        4 => u64::from(u32::MAX).wrapping_add_signed(i64::from(with.cast_signed())),
        _ => u64::MAX - u64::from(with),
    }
}

fn bytes(data: &mut Vec<u8>, what: u8, at: usize, with: u8) {
    let length = data.len();
    match what % 7 {
        0 if length > 0 => data[at % length] = with,
        1 if length > 0 => data[at % length] ^= 1 << (with % 8),
        2 => data.insert(at.min(length), with),
        3 if length > 0 => drop(data.remove(at % length)),
        4 => data.truncate(at.min(length)),
        5 => {
            // A long count, wherever one is read.
            let at = at.min(length);
            data.splice(at..at, leb(1 << (with % 64)));
        }
        6 if length < 4_096 => {
            let again: Vec<u8> = data.iter().skip(at).take(with.into()).copied().collect();
            data.extend(again);
        }
        _ => (),
    }
}

/// A chunk of this type with this body; the checksum is the start of the SHA-256 of everything from the type on.
pub fn framed(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut summed = vec![kind];
    put(&mut summed, body);
    let mut out = vec![0x85, 0x6f, 0x4a, 0x83];
    out.extend(&Sha256::digest(&summed)[..4]);
    out.extend(summed);
    out
}

pub fn leb(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value > 0x7f {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
    out
}

pub fn signed_leb(mut value: i64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = value.to_le_bytes()[0] & 0x7f;
        value >>= 7;
        if value == 0 && byte & 0x40 == 0 || value == -1 && byte & 0x40 != 0 {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}

fn put(out: &mut Vec<u8>, data: &[u8]) {
    out.extend(leb(data.len() as u64));
    out.extend(data);
}

fn take(rest: &mut &[u8], length: u64) -> Vec<u8> {
    let (taken, left) = rest.split_at(usize::try_from(length).unwrap());
    *rest = left;
    taken.to_vec()
}

fn prefixed(rest: &mut &[u8]) -> Vec<u8> {
    let length = unsigned(rest);
    take(rest, length)
}

fn unsigned(rest: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = take(rest, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}

fn signed(rest: &mut &[u8]) -> i64 {
    let before = rest.len();
    let value = unsigned(&mut *rest);
    let bits = (before - rest.len()) * 7;
    if bits < 64 && value >> (bits - 1) & 1 == 1 {
        (value | u64::MAX << bits).cast_signed()
    } else {
        value.cast_signed()
    }
}
