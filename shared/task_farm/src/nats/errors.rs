//! What a server says when it does not do it, and whether to try again.

use std::fmt;

use async_nats::jetstream::context::{
    GetStreamError, GetStreamErrorKind, PublishError, PublishErrorKind,
};
use async_nats::jetstream::{self, ErrorCode};

use crate::Error;

/// Why a call came to nothing.
pub(super) enum CallError {
    /// Another try may help.
    Transient(String),
    /// The job is no more; another handle may find another one.
    Cleared(String),
    /// Another try would not help.
    Permanent(String),
}

impl CallError {
    pub(super) fn transient(error: impl fmt::Display) -> Self {
        Self::Transient(error.to_string())
    }

    pub(super) fn permanent(error: impl fmt::Display) -> Self {
        Self::Permanent(error.to_string())
    }

    /// Why to try again; an error when that would not help.
    pub(super) fn into_reason(self) -> Result<String, Error> {
        match self {
            Self::Transient(why) => Ok(why),
            Self::Cleared(why) => Err(Error::Cleared(why)),
            Self::Permanent(why) => Err(Error::Failed(why)),
        }
    }

    /// A call of ours that was repeated already, inside another one.
    pub(super) fn of_call(error: Error) -> Self {
        match error {
            Error::Cleared(why) => Self::Cleared(why),
            Error::Failed(why) => Self::Permanent(why),
            other => Self::Transient(other.to_string()),
        }
    }

    pub(super) fn of_stream(error: &GetStreamError) -> Self {
        match error.kind() {
            GetStreamErrorKind::JetStream(error) => Self::of(&error),
            _ => Self::transient(error),
        }
    }

    /// The engine's own errors.
    pub(super) fn of(error: &jetstream::Error) -> Self {
        const NO_ROOM: [ErrorCode; 5] = [
            ErrorCode::STORAGE_RESOURCES_EXCEEDED,
            ErrorCode::MEMORY_RESOURCES_EXCEEDED,
            ErrorCode::ACCOUNT_RESOURCES_EXCEEDED,
            ErrorCode::STREAM_MAX_STREAM_BYTES_EXCEEDED,
            ErrorCode::INSUFFICIENT_RESOURCES,
        ];
        const NEVER: [ErrorCode; 12] = [
            ErrorCode::MAXIMUM_STREAMS_LIMIT,
            ErrorCode::MAXIMUM_CONSUMERS_LIMIT,
            ErrorCode::STREAM_MAX_BYTES_REQUIRED,
            ErrorCode::STREAM_LIMITS,
            ErrorCode::STREAM_HEADER_EXCEEDS_MAXIMUM,
            ErrorCode::STREAM_SUBJECT_OVERLAP,
            ErrorCode::STREAM_INVALID_CONFIG,
            ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED,
            ErrorCode::NO_LIMITS,
            ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM,
            ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT,
            ErrorCode::JETSTREAM_NOT_ENABLED,
        ];
        let code = error.error_code();
        let what = error.to_string();
        if NO_ROOM.contains(&code) || what.contains("no space left") {
            return Self::Permanent(format!("the server has no room: {what}"));
        }
        match NEVER.contains(&code) {
            true => Self::Permanent(what),
            false => Self::Transient(what),
        }
    }
}

pub(super) fn is_missing(error: &GetStreamError) -> bool {
    matches!(error.kind(), GetStreamErrorKind::JetStream(error)
        if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}

pub(super) fn gone(error: impl fmt::Display) -> Error {
    Error::Gone(error.to_string())
}

// ANCHOR: refused
/// Refused because the subject is taken; anything else is an error.
pub(super) fn refused(error: &PublishError) -> Result<(), CallError> {
    let source = std::error::Error::source(error);
    let source = source.and_then(|it| it.downcast_ref::<jetstream::Error>());
    match source {
        Some(it) if it.to_string().contains("per subject") => Ok(()),
        Some(it) => Err(CallError::of(it)),
        None => Err(match error.kind() {
            PublishErrorKind::MaxPayloadExceeded => {
                CallError::Permanent(error.to_string())
            }
            PublishErrorKind::TimedOut => CallError::Transient(
                "nothing was stored in time (is its disk full?)".into(),
            ),
            _ => CallError::transient(error),
        }),
    }
}
// ANCHOR_END: refused
