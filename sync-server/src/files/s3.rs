//! Photos' bytes in a bucket of an S3-compatible object store, under the same names as in a folder: `prefix/ab/abcdef…`.
//!
//! Who may do so (keys, a role of the machine) is in the environment, under Amazon's names, and in no file of ours. Requests run on
//! a runtime of the store's own, so that whoever calls may block wherever it is. See docs/adr/0013.

use super::tls::Tls;
use super::{FileStore, arrivals_in, is_sha256, key};
use futures_util::TryStreamExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path as ObjectPath;
use object_store::{ClientOptions, Error, GetOptions, ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig};
use std::fs;
use std::future::Future;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How long one operation may take, retries included: 64 MB at 1 MB/s.
const LONGEST: Duration = Duration::from_secs(60);
/// For how long what failed is tried again; the phone tries again after that.
const RETRIED: Duration = Duration::from_secs(15);
const TRIES: usize = 4;

/// Which bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What stands before the names of our files, without a slash at either end; may be empty.
    pub prefix: String,
    /// The server's address (`https://s3.example.org`), path style; `None` is what the environment says, else Amazon's.
    pub endpoint: Option<String>,
    /// Key and secret, instead of those in the environment.
    pub credentials: Option<(String, String)>,
}

impl Bucket {
    /// The one that `s3://bucket/prefix` names; `None` if it names none.
    #[must_use]
    pub fn parse(said: &str) -> Option<Self> {
        let (name, prefix) = said.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, "")))?;
        let prefix = prefix.trim_matches('/').to_owned();
        (!name.is_empty()).then(|| Self { name: name.to_owned(), prefix, endpoint: None, credentials: None })
    }
}

/// Files in a bucket.
#[derive(Debug)]
pub struct S3Files {
    store: AmazonS3,
    prefix: ObjectPath,
    arrivals: PathBuf,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl S3Files {
    /// Files in `bucket`; those that are arriving are under the folder `local`, which is created. Asks nobody yet.
    ///
    /// # Errors
    /// What the disk says, or what is wrong with the settings.
    pub fn open(bucket: &Bucket, local: &Path) -> io::Result<Self> {
        let retry = RetryConfig { max_retries: TRIES, retry_timeout: RETRIED, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(&bucket.name)
            .with_retry(retry)
            .with_client_options(ClientOptions::new())
            // An address that begins with http:// is somebody's decision, on a machine or network of their own.
            .with_allow_http(true)
            .with_http_connector(Tls);
        if let Some(endpoint) = &bucket.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some((key, secret)) = &bucket.credentials {
            builder = builder.with_access_key_id(key).with_secret_access_key(secret);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("object-store")
            .enable_all()
            .build()?;
        Ok(Self {
            store: builder.build().map_err(told)?,
            prefix: ObjectPath::parse(&bucket.prefix).map_err(io::Error::other)?,
            arrivals: arrivals_in(local)?,
            runtime: Some(runtime),
        })
    }

    fn at(&self, sha256: &str) -> io::Result<ObjectPath> {
        let relative = ObjectPath::parse(key(sha256)?).map_err(io::Error::other)?;
        Ok(self.prefix.parts().chain(relative.parts()).collect())
    }

    /// Runs `work` on the store's own runtime and blocks until it is done: `block_on` would panic on a runtime's thread.
    fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = object_store::Result<T>> + Send + 'static,
    ) -> io::Result<object_store::Result<T>> {
        let Some(runtime) = &self.runtime else { return Err(io::Error::other("the object store is closed")) };
        let (done, result) = mpsc::sync_channel(1);
        runtime.spawn(async move {
            // Whoever waits for it waits until it is here.
            let _ = done.send(tokio::time::timeout(LONGEST, work).await);
        });
        match result.recv() {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(_)) => Err(io::Error::new(io::ErrorKind::TimedOut, "the object store does not answer")),
            Err(_) => Err(io::Error::other("the request to the object store broke off")),
        }
    }

    fn get(&self, sha256: &str, options: GetOptions) -> io::Result<Option<Vec<u8>>> {
        let (store, at) = (self.store.clone(), self.at(sha256)?);
        let got = self.wait(async move { store.get_opts(&at, options).await?.bytes().await })?;
        match got {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(told(error)),
        }
    }
}

impl FileStore for S3Files {
    fn arrivals(&self) -> &Path {
        &self.arrivals
    }

    fn adopt(&self, finished: &Path, sha256: &str) -> io::Result<()> {
        let (store, at) = (self.store.clone(), self.at(sha256)?);
        // One that is there has the same content. To ask first would be one more way there and back for each new file.
        let payload = PutPayload::from(fs::read(finished)?);
        self.wait(async move { store.put(&at, payload).await })?.map_err(told)?;
        fs::remove_file(finished)
    }

    fn read(&self, sha256: &str) -> io::Result<Option<Vec<u8>>> {
        self.get(sha256, GetOptions::default())
    }

    fn read_part(&self, sha256: &str, part: Range<u64>) -> io::Result<Option<Vec<u8>>> {
        if part.is_empty() {
            return Ok(Some(Vec::new()));
        }
        self.get(sha256, GetOptions { range: Some(part.into()), ..GetOptions::default() })
    }

    fn names(&self, first: u8) -> io::Result<Vec<String>> {
        let (store, under) = (self.store.clone(), self.prefix.clone().join(format!("{first:02x}")));
        let found = self.wait(async move { store.list(Some(&under)).try_collect::<Vec<_>>().await })?.map_err(told)?;
        let names = found.iter().filter_map(|object| object.location.filename()).filter(|name| is_sha256(name));
        Ok(names.map(str::to_owned).collect())
    }

    fn probe(&self) -> io::Result<()> {
        self.names(0).map(drop)
    }
}

impl Drop for S3Files {
    fn drop(&mut self) {
        // Dropped as it is, a runtime panics on another runtime's thread.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn told(error: Error) -> io::Error {
    io::Error::other(error)
}

#[cfg(test)]
mod tests {
    use super::Bucket;

    #[test]
    fn an_address_names_a_bucket_and_what_stands_before_the_names() {
        let parsed = |said| Bucket::parse(said).map(|bucket| (bucket.name, bucket.prefix));
        let named = |name: &str, prefix: &str| Some((name.to_owned(), prefix.to_owned()));
        assert_eq!(parsed("s3://city"), named("city", ""));
        assert_eq!(parsed("s3://city/"), named("city", ""));
        assert_eq!(parsed("s3://city/311/photos/"), named("city", "311/photos"));
        assert_eq!(parsed("s3:///photos"), None);
        assert_eq!(parsed("/var/lib/photos"), None);
    }
}
