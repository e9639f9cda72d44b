/// The views that answer what people ask of an index, for Datasette, DuckDB and `sqlite3`.
///
/// They hold nothing and are made by a migration; `corpus`, which grows columns with the sources, is
/// made elsewhere. What they and their columns mean is said in ``schemaDescriptions``.
let summaryViews = """
  CREATE VIEW selectedText AS
    SELECT s.selection, s.split, s.position, s.document, d.source, d.key, d.file, d.line,
      d.license, s.words, s.bytes, s.reason, d.preview
    FROM selectedDocument s JOIN document d ON d.id = s.document
    WHERE s.split IS NOT NULL;

  CREATE VIEW reasonSummary AS
    SELECT s.selection, d.source, s.reason, count(*) AS documents, sum(s.words) AS words,
      sum(d.words) AS wordsBefore
    FROM selectedDocument s JOIN document d ON d.id = s.document
    GROUP BY s.selection, d.source, s.reason;

  CREATE VIEW splitSummary AS
    SELECT s.selection, s.split, d.source, d.license, count(*) AS documents,
      sum(s.words) AS words, sum(s.bytes) AS bytes
    FROM selectedDocument s JOIN document d ON d.id = s.document
    WHERE s.split IS NOT NULL GROUP BY s.selection, s.split, d.source, d.license;

  CREATE VIEW sourceSummary AS
    SELECT source.name AS source, source.format, count(d.id) AS documents,
      coalesce(sum(d.words), 0) AS words, coalesce(sum(d.bytes), 0) AS bytes,
      (SELECT count(*) FROM rejection WHERE rejection.source = source.name) AS rejections
    FROM source LEFT JOIN document d ON d.source = source.name
    GROUP BY source.name, source.format;

  CREATE VIEW rejectionSummary AS
    SELECT source, reason, count(*) AS records,
      min(file || coalesce(':' || line, '')) AS example
    FROM rejection GROUP BY source, reason;

  CREATE VIEW contaminationSummary AS
    SELECT c.evaluation, count(*) AS documents, sum(d.words) AS words, sum(c.hits) AS hits,
      min(c.example) AS example
    FROM (
      SELECT evaluation, document, sum(hits) AS hits, min(example) AS example
      FROM contamination GROUP BY evaluation, document
    ) c JOIN document d ON d.id = c.document
    GROUP BY c.evaluation;

  CREATE VIEW duplicateSummary AS
    SELECT d.source, k.source AS keeperSource, duplicate.kind, count(*) AS documents,
      sum(d.words) AS words
    FROM duplicate JOIN document d ON d.id = duplicate.document
    JOIN document k ON k.id = duplicate.keeper
    WHERE duplicate.kind <> 'keeper' GROUP BY d.source, k.source, duplicate.kind;

  CREATE VIEW tokenSpan AS
    SELECT t.tokens, t.split, t.firstToken, t.firstToken + t.tokenCount - 1 AS lastToken,
      t.document, d.source, d.key, d.file, d.line, d.shard, d.frameOffset, d.frameLine
    FROM tokenRange t JOIN document d ON d.id = t.document;
  """
