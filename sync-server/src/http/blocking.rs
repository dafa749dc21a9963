//! The way from async handlers to what blocks: the database, the disk, merging documents.

use super::ApiError;

/// Runs `work` on a blocking thread. A panic in there becomes an internal error of this one request.
///
/// # Errors
/// What `work` returns.
pub async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, ApiError>
where
    T: Send + 'static,
    E: Into<ApiError> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Into::into),
        Err(error) => Err(ApiError::Internal(error.to_string())),
    }
}
