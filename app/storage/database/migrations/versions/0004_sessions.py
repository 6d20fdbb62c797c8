"""Sessions on the server, and where a failed sign-in came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("last_seen", sa.DateTime, nullable=False),
        sa.Column("address_digest", sa.String(64), nullable=False),
        sa.Column("revoked_at", sa.DateTime),
    )
    op.create_index("ix_sessions_username", "sessions", ["username"])
    # tries are kept for minutes: none is worth carrying over
    op.drop_table("failed_sign_ins")
    op.create_table(
        "failed_sign_ins",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name_digest", sa.String(64), nullable=False),
        sa.Column("address_digest", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_failed_sign_ins_name_at", "failed_sign_ins", ["name_digest", "at"])
    op.create_index("ix_failed_sign_ins_address_at", "failed_sign_ins", ["address_digest", "at"])


def downgrade() -> None:
    op.drop_index("ix_failed_sign_ins_address_at", "failed_sign_ins")
    op.drop_column("failed_sign_ins", "address_digest")
    op.drop_table("sessions")
