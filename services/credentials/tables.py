"""The tables of the service's own database, declared once, for the migrations and the statements of the stores."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, DateTime, Index, MetaData, Text, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class Base(SQLModel, registry=registry(metadata=MetaData())):
    """Its own metadata, since SQLModel's is shared by everything in the process."""


class IssuerKeyRow(Base, table=True):
    __tablename__ = "issuer_key"
    __table_args__ = (
        # One key is current at most, however many processes start at once.
        Index(
            "issuer_key_current", "current", unique=True, sqlite_where=text("current"), postgresql_where=text("current")
        ),
    )

    did: str = Field(primary_key=True)
    suite: str
    wrapped: bytes
    nonce: bytes
    current: bool
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    # When another key took its place.
    retired_at: datetime | None = Field(sa_type=DateTime(timezone=True))
    # A revoked key's `wrapped` and `nonce` are empty.
    revoked_at: datetime | None = Field(sa_type=DateTime(timezone=True))


class CredentialRow(Base, table=True):
    __tablename__ = "credential"
    # A session is listed in the order of its message ids.
    __table_args__ = (Index("credential_session", "session_id", "message_id"),)

    # The canonical text of a UUIDv7, whose order is that of time.
    message_id: str = Field(primary_key=True)
    session_id: str
    kind: str
    issuer: str
    digest: bytes = Field(unique=True)
    secured: str = Field(sa_column=Column("json", Text, nullable=False))
    created_at: datetime = Field(sa_type=DateTime(timezone=True))


class StatusListRow(Base, table=True):
    __tablename__ = "status_list"
    # The list of an issuer that has places left is its last.
    __table_args__ = (Index("status_list_issuer", "issuer", "id"),)

    id: int | None = Field(primary_key=True)
    # Who signs it, and the credentials that have a place in it.
    issuer: str
    # How many places are taken, and how many of them revoked.
    used: int
    revoked: int
    created_at: datetime = Field(sa_type=DateTime(timezone=True))


class StatusEntryRow(Base, table=True):
    __tablename__ = "status_entry"
    __table_args__ = (
        Index(
            "status_entry_revoked",
            "list_id",
            "index",
            sqlite_where=text("revoked_at IS NOT NULL"),
            postgresql_where=text("revoked_at IS NOT NULL"),
        ),
    )

    list_id: int = Field(primary_key=True, foreign_key="status_list.id")
    index: int = Field(primary_key=True)
    # The credential's `id`: urn:uuid:... for one that signs a message. Unset while the place is reserved for none yet.
    credential_id: str | None = Field(unique=True)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    revoked_at: datetime | None = Field(sa_type=DateTime(timezone=True))
