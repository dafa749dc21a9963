//! A real S3 server over a temporary folder, on a thread of its own: stores block, and must not wait for themselves.

use coldpatch_server::files::s3::{Bucket, S3Files};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use std::path::Path;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub const KEY: &str = "AKIAEXAMPLE";
pub const SECRET: &str = "a secret of the tests";
pub const NAME: &str = "city-photos";

pub struct S3 {
    pub endpoint: String,
    pub folder: TempDir,
    runtime: Option<Runtime>,
}

impl S3 {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A bucket is a folder there.
        std::fs::create_dir(folder.path().join(NAME)).unwrap();
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = service.build();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((connection, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let _ =
                        Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(connection), service).await;
                });
            }
        });
        Self { endpoint, folder, runtime: Some(runtime) }
    }

    pub fn bucket(&self) -> Bucket {
        let bucket = Bucket::parse(&format!("s3://{NAME}/311/photos")).unwrap();
        let credentials = Some((KEY.to_owned(), SECRET.to_owned()));
        Bucket { endpoint: Some(self.endpoint.clone()), credentials, ..bucket }
    }

    pub fn store(&self, local: &Path) -> S3Files {
        S3Files::open(&self.bucket(), local).unwrap()
    }

    /// Goes away without a word.
    pub fn stop(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
