//! What a server says when it does not do it, and whether to try again.

use std::fmt;

use async_nats::jetstream::context::{
    GetStreamError, GetStreamErrorKind, PublishError, PublishErrorKind,
};
use async_nats::jetstream::{self, ErrorCode};

use crate::farm::Error;

/// Why a try came to nothing.
pub(super) enum Trouble {
    /// Another try may help.
    Later(String),
    /// The job is no more; another handle may find another one.
    Cleared(String),
    Never(String),
}

impl Trouble {
    pub(super) fn later(error: impl fmt::Display) -> Self {
        Self::Later(error.to_string())
    }

    pub(super) fn never(error: impl fmt::Display) -> Self {
        Self::Never(error.to_string())
    }

    /// Why to try again; an error when that would not help.
    pub(super) fn passes(self) -> Result<String, Error> {
        match self {
            Self::Later(why) => Ok(why),
            Self::Cleared(why) => Err(Error::Cleared(why)),
            Self::Never(why) => Err(Error::Failed(why)),
        }
    }

    pub(super) fn of_stream(error: &GetStreamError) -> Self {
        match error.kind() {
            GetStreamErrorKind::JetStream(error) => Self::of(&error),
            _ => Self::later(error),
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
        const NEVER: [ErrorCode; 6] = [
            ErrorCode::STREAM_INVALID_CONFIG,
            ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED,
            ErrorCode::NO_LIMITS,
            ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM,
            ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT,
            ErrorCode::JETSTREAM_NOT_ENABLED,
        ];
        let (code, what) = (error.error_code(), error.to_string());
        if NO_ROOM.contains(&code) || what.contains("no space left") {
            return Self::Never(format!("the server has no room: {what}"));
        }
        match NEVER.contains(&code) {
            true => Self::Never(what),
            false => Self::Later(what),
        }
    }
}

pub(super) fn is_missing(error: &GetStreamError) -> bool {
    matches!(error.kind(), GetStreamErrorKind::JetStream(error)
        if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}

// ANCHOR: refused
/// Refused because the subject is taken; anything else is trouble.
pub(super) fn refused(error: &PublishError) -> Result<(), Trouble> {
    let source = std::error::Error::source(error);
    let source = source.and_then(|it| it.downcast_ref::<jetstream::Error>());
    match source {
        Some(it) if it.to_string().contains("per subject") => Ok(()),
        Some(it) => Err(Trouble::of(it)),
        None => Err(match error.kind() {
            PublishErrorKind::MaxPayloadExceeded => {
                Trouble::Never(error.to_string())
            }
            PublishErrorKind::TimedOut => Trouble::Later(
                "nothing was stored in time (is its disk full?)".into(),
            ),
            _ => Trouble::later(error),
        }),
    }
}
// ANCHOR_END: refused
