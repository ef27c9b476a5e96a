"""The credentials of messages that parties signed themselves."""

import sqlalchemy as sa
from alembic import op

revision = "sessions_0002"
down_revision = "sessions_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("credential", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("message", "credential")
