package import GRDB

/// The schema, as the steps that lead to it; a step that has shipped is never edited.
package let migrations: DatabaseMigrator = {
  var migrator = DatabaseMigrator()
  migrator.registerMigration("1 sources, documents, selections, tokens, stages") { database in
    try database.execute(sql: firstSchema)
  }
  migrator.registerMigration("2 attributes, duplicates, contamination, test") { database in
    try database.execute(sql: secondSchema)
    try remakeCorpusView(in: database)
    try database.execute(sql: summaryViews)
  }
  migrator.registerMigration("3 metrics") { database in
    try database.execute(sql: thirdSchema)
    try remakeCorpusView(in: database)
  }
  migrator.registerMigration("4 judges, judgments, scores") { database in
    try database.execute(sql: judgmentSchema)
    try remakeCorpusView(in: database)
  }
  return migrator
}()

/// A selection's documents and token ranges name documents without a foreign key: a source that is
/// read again keeps every id, and what was chosen from it must not vanish in between.
private let firstSchema = """
  CREATE TABLE source (
    name TEXT NOT NULL PRIMARY KEY,
    format TEXT NOT NULL
  ) STRICT;

  CREATE TABLE shard (
    name TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL REFERENCES source (name) ON DELETE CASCADE,
    bytes INTEGER NOT NULL CHECK (bytes > 0),
    documents INTEGER NOT NULL CHECK (documents > 0),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64)
  ) STRICT;

  CREATE TABLE document (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    source TEXT NOT NULL REFERENCES source (name) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
    key TEXT NOT NULL,
    file TEXT NOT NULL,
    line INTEGER CHECK (line > 0),
    license TEXT NOT NULL,
    words INTEGER NOT NULL CHECK (words >= 0),
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    textHash TEXT NOT NULL CHECK (length(textHash) = 64),
    preview TEXT NOT NULL,
    shard TEXT NOT NULL,
    frameOffset INTEGER NOT NULL CHECK (frameOffset >= 0),
    frameLength INTEGER NOT NULL CHECK (frameLength > 0),
    frameLine INTEGER NOT NULL CHECK (frameLine >= 0),
    UNIQUE (source, ordinal)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE rejection (
    source TEXT NOT NULL REFERENCES source (name) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
    reason TEXT NOT NULL,
    file TEXT NOT NULL,
    line INTEGER CHECK (line > 0),
    detail TEXT NOT NULL,
    PRIMARY KEY (source, ordinal)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE selection (
    name TEXT NOT NULL PRIMARY KEY,
    settings TEXT NOT NULL CHECK (json_valid(settings))
  ) STRICT;

  CREATE TABLE selectedDocument (
    selection TEXT NOT NULL REFERENCES selection (name) ON DELETE CASCADE,
    document TEXT NOT NULL,
    split TEXT CHECK (split IN ('train', 'dev')),
    position INTEGER CHECK (position >= 0),
    words INTEGER NOT NULL CHECK (words >= 0),
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    reason TEXT NOT NULL,
    PRIMARY KEY (selection, document),
    CHECK ((split IS NULL) = (position IS NULL))
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX selectedDocumentPosition
    ON selectedDocument (selection, split, position) WHERE split IS NOT NULL;
  CREATE INDEX selectedDocumentDocument ON selectedDocument (document);

  CREATE TABLE tokenizer (
    name TEXT NOT NULL PRIMARY KEY,
    selection TEXT NOT NULL,
    vocabularySize INTEGER NOT NULL CHECK (vocabularySize > 0),
    trainingWords INTEGER NOT NULL CHECK (trainingWords >= 0),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64)
  ) STRICT;

  CREATE TABLE tokenRange (
    tokens TEXT NOT NULL,
    split TEXT NOT NULL CHECK (split IN ('train', 'dev')),
    firstToken INTEGER NOT NULL CHECK (firstToken >= 0),
    tokenCount INTEGER NOT NULL CHECK (tokenCount > 0),
    document TEXT NOT NULL,
    PRIMARY KEY (tokens, split, firstToken)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE stage (
    name TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
    outputs TEXT NOT NULL CHECK (json_valid(outputs)),
    report TEXT NOT NULL CHECK (json_valid(report)),
    seconds REAL NOT NULL,
    finishedAt TEXT NOT NULL
  ) STRICT;

  CREATE TABLE inputFile (
    path TEXT NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    modified REAL NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64)
  ) STRICT;
  """

/// Columns join `attribute` as sources state new scalar metadata; the view `corpus` is then made anew.
///
/// What is said of duplicates and contamination names documents without a foreign key, as a
/// selection does. The two tables with a split are made anew because a CHECK cannot be altered.
///
/// Half the time of writing a selection is saved in `selectedDocument`: its rows come and go with the
/// selection's by one function, not by a foreign key that is looked up for each row; and a split is
/// checked with OR, since for a list of three SQLite builds a table in each statement.
private let secondSchema = """
  ALTER TABLE source ADD COLUMN options TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(options));

  CREATE TABLE sourceFile (
    source TEXT NOT NULL REFERENCES source (name) ON DELETE CASCADE,
    file TEXT NOT NULL,
    sha256 TEXT CHECK (length(sha256) = 64),
    PRIMARY KEY (source, file)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE attribute (
    document TEXT NOT NULL PRIMARY KEY REFERENCES document (id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE duplicateCluster (
    keeper TEXT NOT NULL PRIMARY KEY,
    documents INTEGER NOT NULL CHECK (documents > 1),
    words INTEGER NOT NULL CHECK (words >= 0),
    rule TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE duplicate (
    document TEXT NOT NULL PRIMARY KEY,
    keeper TEXT NOT NULL REFERENCES duplicateCluster (keeper) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('keeper', 'exact', 'near')),
    similarity REAL NOT NULL CHECK (similarity BETWEEN 0 AND 1)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX duplicateKeeper ON duplicate (keeper);

  CREATE TABLE repeatedParagraph (
    document TEXT NOT NULL PRIMARY KEY,
    paragraphs INTEGER NOT NULL CHECK (paragraphs > 0),
    words INTEGER NOT NULL CHECK (words >= 0)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE contamination (
    document TEXT NOT NULL,
    evaluation TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('sentence', 'ngram')),
    hits INTEGER NOT NULL CHECK (hits > 0),
    example TEXT NOT NULL,
    PRIMARY KEY (document, evaluation, kind)
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE selectedDocument RENAME TO earlierSelectedDocument;
  CREATE TABLE selectedDocument (
    selection TEXT NOT NULL,
    document TEXT NOT NULL,
    split TEXT CHECK (split = 'train' OR split = 'dev' OR split = 'test'),
    position INTEGER CHECK (position >= 0),
    words INTEGER NOT NULL CHECK (words >= 0),
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    reason TEXT NOT NULL,
    PRIMARY KEY (selection, document),
    CHECK ((split IS NULL) = (position IS NULL))
  ) STRICT, WITHOUT ROWID;
  INSERT INTO selectedDocument SELECT * FROM earlierSelectedDocument;
  DROP TABLE earlierSelectedDocument;
  CREATE UNIQUE INDEX selectedDocumentPosition
    ON selectedDocument (selection, split, position) WHERE split IS NOT NULL;

  ALTER TABLE tokenRange RENAME TO earlierTokenRange;
  CREATE TABLE tokenRange (
    tokens TEXT NOT NULL,
    split TEXT NOT NULL CHECK (split = 'train' OR split = 'dev' OR split = 'test'),
    firstToken INTEGER NOT NULL CHECK (firstToken >= 0),
    tokenCount INTEGER NOT NULL CHECK (tokenCount > 0),
    document TEXT NOT NULL,
    PRIMARY KEY (tokens, split, firstToken)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO tokenRange SELECT * FROM earlierTokenRange;
  DROP TABLE earlierTokenRange;

  CREATE TABLE output (
    path TEXT NOT NULL PRIMARY KEY,
    stage TEXT NOT NULL REFERENCES stage (name) ON DELETE CASCADE,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64)
  ) STRICT, WITHOUT ROWID;
  """

/// Each metric has a table besides, which `measure` makes under the metric's name.
///
/// The texts that were measured name documents without a foreign key, so that numbers outlive a source
/// that is read again; those of other texts are not shown, and are struck by the next measurement.
private let thirdSchema = """
  CREATE TABLE metric (
    name TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    settings TEXT NOT NULL CHECK (json_valid(settings)),
    segmentation TEXT CHECK (segmentation IS NULL OR json_valid(segmentation)),
    sources TEXT CHECK (length(sources) = 64),
    summary TEXT NOT NULL
  ) STRICT;

  CREATE TABLE metricColumn (
    metric TEXT NOT NULL REFERENCES metric (name) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind = 'integer' OR kind = 'real'),
    summary TEXT NOT NULL,
    PRIMARY KEY (metric, ordinal)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE measuredText (
    document TEXT NOT NULL PRIMARY KEY,
    textHash TEXT NOT NULL CHECK (length(textHash) = 64),
    segmentation TEXT NOT NULL CHECK (segmentation = 'prose' OR segmentation = 'transcript')
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE missingReason (
    pattern INTEGER NOT NULL,
    name TEXT NOT NULL,
    metric TEXT NOT NULL REFERENCES metric (name) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    PRIMARY KEY (pattern, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE poolWord (
    rank INTEGER NOT NULL PRIMARY KEY CHECK (rank > 0),
    word TEXT NOT NULL UNIQUE,
    count INTEGER NOT NULL CHECK (count > 0)
  ) STRICT;
  """
