"""What customers say, click and answer, who takes it on, and who is told of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from worker.store.types import Json, Moment, Serial

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _inbound()
    _links()
    _answers()
    _callbacks()
    _refusals()
    with op.batch_alter_table("handoffs") as table:
        table.add_column(sa.Column("message_id", sa.String(32), nullable=True))
        table.add_column(sa.Column("inbound", sa.Integer(), nullable=True))
        table.add_column(sa.Column("language", sa.Text(), nullable=True))
        table.add_column(sa.Column("note", sa.Text(), nullable=True))
        table.add_column(sa.Column("taken_at", Moment(), nullable=True))
        table.add_column(sa.Column("ended_at", Moment(), nullable=True))


def _inbound() -> None:
    op.create_table(
        "inbound",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address_hash", sa.String(32), nullable=False),
        sa.Column("raw", Json(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=True),
        sa.Column("message_id", sa.String(32), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_inbound"),
        sa.UniqueConstraint("provider", "provider_ref", name="uq_inbound_provider_provider_ref"),
    )
    new = "state = 'new'"
    op.create_index(
        "ix_inbound_new",
        "inbound",
        ["seq"],
        postgresql_where=sa.text(new),
        sqlite_where=sa.text(new),
    )
    op.create_index("ix_inbound_address_hash", "inbound", ["address_hash", "received_at"])
    op.create_index("ix_inbound_customer_id", "inbound", ["customer_id", "received_at"])


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_links"),
    )
    op.create_index("ix_links_message_id", "links", ["message_id"])
    op.create_table(
        "clicks",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_clicks"),
    )
    op.create_index("ix_clicks_message_id", "clicks", ["message_id"])


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_answers"),
    )
    op.create_index("ix_answers_trigger_at", "answers", ["trigger", "at"])


def _callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("due", Moment(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks"),
    )
    waiting = "state = 'waiting'"
    op.create_index(
        "ix_callbacks_due",
        "callbacks",
        ["due"],
        postgresql_where=sa.text(waiting),
        sqlite_where=sa.text(waiting),
    )


def _refusals() -> None:
    op.create_table(
        "refusals",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("address_hash", sa.String(32), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=True),
        sa.Column("proof", Json(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_refusals"),
    )
    op.create_index("ix_refusals_address_hash", "refusals", ["address_hash", "at"])


def downgrade() -> None:
    with op.batch_alter_table("handoffs") as table:
        for column in ("ended_at", "taken_at", "note", "language", "inbound", "message_id"):
            table.drop_column(column)
    for name in ("refusals", "callbacks", "answers", "clicks", "links", "inbound"):
        op.drop_table(name)
