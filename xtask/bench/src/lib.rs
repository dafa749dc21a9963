//! What `cargo xtask bench sync` measures with.
//!
//! - [`fit`]: what real exports of three cities look like, as figures; [`generate`]: work orders after them, and a day's
//!   changes; [`dice`]: numbers that are the same each time
//! - [`proxy`]: a link of a given latency and bandwidth, which counts
//! - [`contender`]: what is measured; [`ours`]; [`peer`]: other people's programs as contenders; [`files`]: how they get
//!   their data; `side`: a process that is told what to do
//! - [`load`]: how many catch-ups the server takes in, against [`bare`]; [`scale`]: a server with a million work orders
//! - [`measure`]: the two tasks, each on each link; [`floor`]: what no protocol can go below; [`figures`]: goals
//! - [`photos`]: a day's photos over a link that breaks
//! - [`process`]: a process's processor time and memory; [`bare`]: a loop without a server around it
//!
//! Peers are separate programs in `peers/`, with lock files of their own, and no dependency of the product.

pub mod bare;
pub mod contender;
pub mod dice;
pub mod figures;
pub mod files;
pub mod fit;
pub mod floor;
pub mod generate;
pub mod load;
pub mod measure;
pub mod ours;
pub mod peer;
pub mod photos;
pub mod process;
pub mod proxy;
pub mod scale;
mod side;
