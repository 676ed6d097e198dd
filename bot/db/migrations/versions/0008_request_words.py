"""The words of requests, by which ``/find`` searches; triggers note whose words changed.

Nothing is read or indexed here, however many requests there are: the bot indexes them afterwards,
batch by batch. Triggers and not the code, as code of 0.2.0 goes on beside it and registers, renames
and erases too; they only note ids, as SQL folds letters differently on each database.
"""

# ruff: noqa: S608 (all of it is written here)

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(TSVECTOR(), "postgresql")

_NOTE = "INSERT INTO unindexed_requests (request_id)"
_FORGET = "DELETE FROM request_words WHERE request_id = NEW.id"
_INDEX = "INSERT INTO request_index (rowid, words) VALUES (NEW.request_id, NEW.words)"
_UNINDEX = (
    "INSERT INTO request_index (request_index, rowid, words)"
    " VALUES ('delete', OLD.request_id, OLD.words)"
)
#: FTS5 keeps what is deleted until its segments are merged, which the bot then does.
_ASK_TO_MERGE = (
    "INSERT INTO remembered_values (key, value) VALUES ('request_index_merge', 'begin')"
    " ON CONFLICT (key) DO UPDATE SET value = 'begin'"
)
#: By the name of the trigger, for SQLite.
_SQLITE_TRIGGERS = {
    "requests_note_new": f"AFTER INSERT ON requests BEGIN {_NOTE} VALUES (NEW.id); END",
    "requests_note_text": (
        "AFTER UPDATE OF text ON requests WHEN OLD.text <> NEW.text BEGIN"
        f" {_FORGET}; {_NOTE} VALUES (NEW.id) ON CONFLICT DO NOTHING; END"
    ),
    "accounts_note_name": (
        "AFTER UPDATE OF name ON accounts WHEN OLD.name <> NEW.name BEGIN"
        f" {_NOTE} SELECT id FROM requests WHERE account_id = NEW.id ON CONFLICT DO NOTHING; END"
    ),
    "request_words_added": f"AFTER INSERT ON request_words BEGIN {_INDEX}; END",
    "request_words_changed": (
        f"AFTER UPDATE ON request_words BEGIN {_UNINDEX}; {_INDEX}; {_ASK_TO_MERGE}; END"
    ),
    "request_words_deleted": (
        f"AFTER DELETE ON request_words BEGIN {_UNINDEX}; {_ASK_TO_MERGE}; END"
    ),
}
_POSTGRESQL = (
    # Words of up to two letters, and all beginnings of the others: a search for one is then a
    # single entry of the index, however many words begin so.
    "CREATE FUNCTION request_prefixes(words tsvector) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT"
    " PARALLEL SAFE AS $$ SELECT coalesce(array_agg(DISTINCT left(word, size)), '{}')"
    " FROM unnest(tsvector_to_array(words)) AS word,"
    " generate_series(least(length(word), 3), length(word)) AS size $$",
    "CREATE INDEX request_index ON request_words USING gin (request_prefixes(words))",
    "CREATE FUNCTION note_request() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" IF TG_OP = 'UPDATE' THEN {_FORGET}; END IF;"
    f" {_NOTE} VALUES (NEW.id) ON CONFLICT DO NOTHING; RETURN NULL; END $$",
    "CREATE TRIGGER requests_note_new AFTER INSERT ON requests"
    " FOR EACH ROW EXECUTE FUNCTION note_request()",
    "CREATE TRIGGER requests_note_text AFTER UPDATE OF text ON requests"
    " FOR EACH ROW WHEN (OLD.text <> NEW.text) EXECUTE FUNCTION note_request()",
    "CREATE FUNCTION note_requests_of_account() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" {_NOTE} SELECT id FROM requests WHERE account_id = NEW.id ON CONFLICT DO NOTHING;"
    " RETURN NULL; END $$",
    "CREATE TRIGGER accounts_note_name AFTER UPDATE OF name ON accounts"
    " FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION note_requests_of_account()",
)


def upgrade() -> None:
    for table, *columns in (
        ("request_words", sa.Column("words", WORDS, nullable=False)),
        ("unindexed_requests",),
    ):
        op.create_table(
            table,
            sa.Column("request_id", ROW_ID, autoincrement=False, nullable=False),
            *columns,
            sa.ForeignKeyConstraint(
                ["request_id"],
                ["requests.id"],
                name=f"fk_{table}_request_id",
                ondelete="CASCADE",
            ),
            sa.PrimaryKeyConstraint("request_id", name=f"pk_{table}"),
        )
    if op.get_bind().dialect.name == "sqlite":
        # Words come folded, cut and separated: the simplest tokenizer takes them as they are. A
        # beginning of each length is an entry of its own, however many words begin so.
        op.execute(
            "CREATE VIRTUAL TABLE request_index USING fts5(words, content='request_words',"
            " content_rowid='request_id', detail=none, columnsize=0, prefix='3 4 5 6 7 8 9',"
            " tokenize='ascii')"
        )
        for name, what in _SQLITE_TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {what}")
        return
    for statement in _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in _SQLITE_TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TABLE request_index")
    else:
        op.execute("DROP TRIGGER accounts_note_name ON accounts")
        for name in ("requests_note_new", "requests_note_text"):
            op.execute(f"DROP TRIGGER {name} ON requests")
        op.execute("DROP FUNCTION note_request")
        op.execute("DROP FUNCTION note_requests_of_account")
    op.drop_table("unindexed_requests")
    op.drop_table("request_words")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION request_prefixes")
    op.execute("DELETE FROM remembered_values WHERE key LIKE 'request_index%'")
