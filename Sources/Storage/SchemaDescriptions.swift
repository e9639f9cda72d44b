// What each table, view and column of the index means, a sentence each.
//
// The guide's page and `blalm index schema` are made from these and the database itself; a table or
// column without a sentence fails a test.

/// What a table or view and its columns mean.
struct SchemaDescription: Sendable {
  /// The table's or view's name.
  let name: String
  /// What a row is.
  let row: String
  /// What each column means.
  let columns: KeyValuePairs<String, String>

  /// What a column means, or `nil` where nothing is said.
  subscript(column: String) -> String? {
    columns.first { $0.key == column }?.value
  }
}

/// The tables and views, in the order of the page.
let schemaDescriptions: [SchemaDescription] = [
  SchemaDescription(
    name: "source",
    row: "a source that was read",
    columns: [
      "name": "The source's name in the recipe.",
      "format": "The reader that read it.",
      "options": "The reader's options as JSON.",
    ]
  ),
  SchemaDescription(
    name: "sourceFile",
    row: "a file that a source was read from",
    columns: [
      "source": "The source's name.",
      "file": "The file's name inside what was given.",
      "sha256": "Its SHA-256; nothing for standard input.",
    ]
  ),
  SchemaDescription(
    name: "shard",
    row: "a shard file",
    columns: [
      "name": "The file's name inside `shards/`.",
      "source": "The source whose documents it holds.",
      "bytes": "Its size.",
      "documents": "The documents in it.",
      "sha256": "Its SHA-256.",
    ]
  ),
  SchemaDescription(
    name: "document",
    row: "a document, without its text",
    columns: [
      "id": "128 bits of SHA-256 over the source's name and `key`, in hexadecimal.",
      "source": "The source's name.",
      "ordinal": "The place in the source's order, from 0.",
      "key": "The record's own key in its source: a path, a page number.",
      "file": "The file it was read from; a zip's member follows after `!`.",
      "line": "The record's first line in that file, where the format has lines.",
      "license": "The licence of the text, by its SPDX name where it has one.",
      "words": "The words of the text, as Python's `str.split()` counts them.",
      "bytes": "The bytes of the text in UTF-8.",
      "textHash": "The SHA-256 of the text.",
      "preview": "The first 200 characters of the text.",
      "shard": "The shard that holds it.",
      "frameOffset": "Where its zstd frame begins in the shard.",
      "frameLength": "The frame's length in bytes.",
      "frameLine": "Its line in the frame, from 0.",
    ]
  ),
  SchemaDescription(
    name: "attribute",
    row: "what a source says of a document",
    columns: ["document": "The document's id."]
  ),
  SchemaDescription(
    name: "duplicateCluster",
    row: "documents with the same or nearly the same text",
    columns: [
      "keeper": "The document that stands for the cluster.",
      "documents": "The documents in the cluster, the keeper included.",
      "words": "Their words.",
      "rule": "The rule that chose the keeper.",
    ]
  ),
  SchemaDescription(
    name: "duplicate",
    row: "a document of a cluster",
    columns: [
      "document": "The document's id.",
      "keeper": "The document that stands for its cluster.",
      "kind": "`keeper`, `exact` or `near`.",
      "similarity": "The similarity to the keeper, 0 to 1.",
    ]
  ),
  SchemaDescription(
    name: "repeatedParagraph",
    row: "a document with paragraphs that other documents have too",
    columns: [
      "document": "The document's id.",
      "paragraphs": "The paragraphs that others have.",
      "words": "Their words.",
    ]
  ),
  SchemaDescription(
    name: "contamination",
    row: "an overlap of a document with an evaluation file",
    columns: [
      "document": "The document's id.",
      "evaluation": "The evaluation file; a zip's member follows after `!`.",
      "kind": "`sentence` for a whole sentence, line or item; `ngram` for a run of n words.",
      "hits": "The places of the document where an overlap begins.",
      "example": "The first overlap, as the document has it.",
    ]
  ),
  SchemaDescription(
    name: "metric",
    row: "a metric that was measured, with a table of its own name",
    columns: [
      "name": "The metric's name, which is its table's.",
      "version": "The version of the rules that measured.",
      "settings": "What else decided the numbers, as JSON: digests of word lists.",
      "segmentation":
        "How each source was divided into sentences, as JSON; NULL where a document is not measured.",
      "sources":
        "The digest of the sources that were measured; NULL where a document is not measured.",
      "summary": "What the numbers are for.",
    ]
  ),
  SchemaDescription(
    name: "metricColumn",
    row: "a column of a metric",
    columns: [
      "metric": "The metric's name.",
      "ordinal": "The place among the metric's columns, from 0.",
      "name": "The column's name in the metric's table and in `corpus`.",
      "kind": "`integer` or `real`.",
      "summary": "What the number is.",
    ]
  ),
  SchemaDescription(
    name: "measuredText",
    row: "a text that metrics have measured",
    columns: [
      "document": "The document's id.",
      "textHash": "The SHA-256 of the text as it was measured; that of another text is not shown.",
      "segmentation": "How it was divided into sentences: `prose` or `transcript`.",
    ]
  ),
  SchemaDescription(
    name: "missingReason",
    row: "a column without a value in a pattern of missing values",
    columns: [
      "pattern": "The pattern's number, the column `missing` of a metric's table.",
      "name": "The column without a value.",
      "metric": "The metric.",
      "reason": "Why it has none.",
    ]
  ),
  SchemaDescription(
    name: "poolWord",
    row: "one of the most frequent words of all documents",
    columns: [
      "rank": "The place by frequency, from 1; words of one frequency stand by their bytes.",
      "word": "The word in lower case.",
      "count": "How often it occurs.",
    ]
  ),
  SchemaDescription(
    name: "judge",
    row: "a judge: all that decides its answers",
    columns: [
      "id": "Its number in this index.",
      "rubricHash": "The SHA-256 over all of the rubric that reaches the judge.",
      "kind": "`endpoint` for a model behind one.",
      "model": "The model's name.",
      "endpointModel": "What the endpoint says of the model, as JSON; empty where it says nothing.",
      "parameters": "The parameters that decide answers, as JSON.",
    ]
  ),
  SchemaDescription(
    name: "judgment",
    row: "a judge's answer on a text",
    columns: [
      "judge": "The judge's number.",
      "textHash": "The SHA-256 of the text.",
      "repetition": "Which of several answers on the same text it is, from 0.",
      "score": "The score; NULL where there is none.",
      "reason": "Why there is no score; NULL where there is one.",
      "points": "The points as a JSON object by name, where the answer states them all.",
      "justification": "The judge's justification, where the answer has one.",
      "expectedScore": "The mean score under the judge's probabilities, where they were asked for.",
      "answer": "The answer as it came.",
      "form": "The form in which it was asked for: `text` or `structured`.",
      "leftOut": "The bytes of the text that did not reach the judge.",
      "inputTokens": "The tokens that the judge read, over all requests.",
      "outputTokens": "The tokens that it wrote.",
      "attempts": "The requests sent, those of an earlier answer without a score included.",
      "seconds": "From the first request to the last answer.",
      "answeredAt": "When it was entered, in UTC.",
    ]
  ),
  SchemaDescription(
    name: "scoreColumn",
    row: "a column of scores",
    columns: [
      "name":
        "The column's name in `rubricScore` and `corpus`: rubric and judge, `_` between them.",
      "rubric": "The rubric's name.",
      "rubricVersion": "The rubric's version.",
      "judgeName": "The judge's name as the user gave it.",
      "judge": "The number of the judge whose scores it shows.",
    ]
  ),
  SchemaDescription(
    name: "rubricScore",
    row: "a text that has a score, with a column for each rubric and judge",
    columns: ["textHash": "The SHA-256 of the text."]
  ),
  SchemaDescription(
    name: "rejection",
    row: "a record that was read and not kept",
    columns: [
      "source": "The source's name.",
      "ordinal": "The place among the source's rejections, from 0.",
      "reason": "Why, in a short phrase that is the same for all such records.",
      "file": "The file it was read from.",
      "line": "The record's first line, where the format has lines.",
      "detail": "What exactly was wrong.",
    ]
  ),
  SchemaDescription(
    name: "selection",
    row: "a selection",
    columns: [
      "name": "The selection's name.",
      "settings": "The settings it was made with, as JSON.",
    ]
  ),
  SchemaDescription(
    name: "selectedDocument",
    row: "a document in or out of a selection",
    columns: [
      "selection": "The selection's name.",
      "document": "The document's id.",
      "split": "`train`, `dev` or `test`; NULL where the document is out.",
      "position": "The place in the split's order, from 0.",
      "words": "The words kept.",
      "bytes": "The bytes kept, a prefix of the text.",
      "reason": "Why it is in or out.",
    ]
  ),
  SchemaDescription(
    name: "tokenizer",
    row: "a trained tokenizer",
    columns: [
      "name": "The tokenizer's name.",
      "selection": "The selection whose train split it learned from; empty for one from files.",
      "vocabularySize": "Its number of ids.",
      "trainingWords": "The words it learned from.",
      "sha256": "The SHA-256 of its `tokenizer.json`.",
    ]
  ),
  SchemaDescription(
    name: "tokenRange",
    row: "a document's tokens in a token shard",
    columns: [
      "tokens": "The folder inside `tokens/`: selection and tokenizer, `--` between them.",
      "split": "The split.",
      "firstToken": "The place of its first token in the split, from 0.",
      "tokenCount": "The number of its tokens.",
      "document": "The document's id.",
    ]
  ),
  SchemaDescription(
    name: "stage",
    row: "a stage that is done",
    columns: [
      "name": "The stage with its object, such as `ingest childes`.",
      "fingerprint": "The SHA-256 over its inputs, settings and version.",
      "outputs": "What it wrote, as a JSON list of paths.",
      "report": "What it did, as JSON.",
      "seconds": "How long it took.",
      "finishedAt": "When it ended, in UTC.",
    ]
  ),
  SchemaDescription(
    name: "output",
    row: "a file that a stage wrote, but for shards and runs",
    columns: [
      "path": "The file, relative to the workspace.",
      "stage": "The stage that wrote it.",
      "bytes": "Its size.",
      "sha256": "Its SHA-256.",
    ]
  ),
  SchemaDescription(
    name: "inputFile",
    row: "an input's digest as last computed",
    columns: [
      "path": "The file.",
      "bytes": "Its size at that time.",
      "modified": "Its time of change then, in seconds since 1970.",
      "sha256": "Its SHA-256.",
    ]
  ),
  SchemaDescription(
    name: "corpus",
    row: "a document with its attributes and what stages say of it: what filters and orders read",
    columns: [
      "segmentation": "How it was divided into sentences when it was measured, or NULL.",
      "duplicateOf": "The keeper whose copy it is, or NULL.",
      "repeatedWords": "The words of its paragraphs that other documents have too.",
      "contaminated": "Its hits in evaluation files.",
    ]
  ),
  SchemaDescription(
    name: "missingValue",
    row: "a column of a metric in which a document has no value",
    columns: [
      "document": "The document's id.",
      "metric": "The metric.",
      "name": "The column.",
      "reason": "Why it has no value.",
    ]
  ),
  SchemaDescription(
    name: "selectedText",
    row: "a document that is in a selection",
    columns: [
      "selection": "The selection's name.",
      "split": "The split.",
      "position": "The place in the split's order, from 0.",
      "document": "The document's id.",
      "source": "The source's name.",
      "key": "The record's own key in its source.",
      "file": "The file it was read from.",
      "line": "The record's first line in that file.",
      "license": "The licence of the text.",
      "words": "The words kept.",
      "bytes": "The bytes kept.",
      "reason": "Why it is in.",
      "preview": "The first 200 characters of the text.",
    ]
  ),
  SchemaDescription(
    name: "reasonSummary",
    row: "a reason for being in or out of a selection, in one source",
    columns: [
      "selection": "The selection's name.",
      "source": "The source's name.",
      "reason": "The reason.",
      "documents": "The documents with that reason.",
      "words": "Their words kept.",
      "wordsBefore": "Their words before the selection.",
    ]
  ),
  SchemaDescription(
    name: "splitSummary",
    row: "a source and licence in a split of a selection",
    columns: [
      "selection": "The selection's name.",
      "split": "The split.",
      "source": "The source's name.",
      "license": "The licence.",
      "documents": "The documents.",
      "words": "Their words kept.",
      "bytes": "Their bytes kept.",
    ]
  ),
  SchemaDescription(
    name: "sourceSummary",
    row: "a source",
    columns: [
      "source": "The source's name.",
      "format": "The reader that read it.",
      "documents": "Its documents.",
      "words": "Their words.",
      "bytes": "Their bytes.",
      "rejections": "The records that were not kept.",
    ]
  ),
  SchemaDescription(
    name: "rejectionSummary",
    row: "a reason for which records of a source were not kept",
    columns: [
      "source": "The source's name.",
      "reason": "The reason.",
      "records": "The records.",
      "example": "File and line of one of them.",
    ]
  ),
  SchemaDescription(
    name: "contaminationSummary",
    row: "an evaluation file that was found in documents",
    columns: [
      "evaluation": "The evaluation file.",
      "documents": "The documents that have something of it.",
      "words": "The words of these documents.",
      "hits": "The places where an overlap begins.",
      "example": "One overlap.",
    ]
  ),
  SchemaDescription(
    name: "duplicateSummary",
    row: "copies of one source whose keepers are in another, or in the same",
    columns: [
      "source": "The copies' source.",
      "keeperSource": "The keepers' source.",
      "kind": "`exact` or `near`.",
      "documents": "The copies.",
      "words": "Their words.",
    ]
  ),
  SchemaDescription(
    name: "tokenSpan",
    row: "a document's tokens, with the place where the document was read",
    columns: [
      "tokens": "The folder inside `tokens/`.",
      "split": "The split.",
      "firstToken": "The place of its first token in the split, from 0.",
      "lastToken": "The place of its last token.",
      "document": "The document's id.",
      "source": "The source's name.",
      "key": "The record's own key in its source.",
      "file": "The file it was read from.",
      "line": "The record's first line in that file.",
      "shard": "The shard that holds it.",
      "frameOffset": "Where its zstd frame begins in the shard.",
      "frameLine": "Its line in the frame, from 0.",
    ]
  ),
]

/// Questions with their answers in SQL; each is run by a test.
let exampleQueries: [(question: String, sql: String)] = [
  (
    "How many words does each source have, and how much was not kept?",
    "SELECT * FROM sourceSummary ORDER BY words DESC;"
  ),
  (
    "Why were records not kept, and where is one of them?",
    "SELECT source, reason, records, example FROM rejectionSummary ORDER BY records DESC;"
  ),
  (
    "How many words of each source and licence does each split of a selection have?",
    "SELECT split, source, license, documents, words FROM splitSummary WHERE selection = 'main';"
  ),
  (
    "Why are documents in or out?",
    """
    SELECT source, reason, documents, words FROM reasonSummary
    WHERE selection = 'main' ORDER BY source, documents DESC;
    """
  ),
  (
    "What became of one document in every selection?",
    """
    SELECT selection, split, position, selectedDocument.words, reason
    FROM document JOIN selectedDocument ON document = id
    WHERE source = 'tinystories' AND ordinal = 0;
    """
  ),
  (
    "What are the ten longest documents of the train split?",
    """
    SELECT source, words, preview FROM selectedText
    WHERE selection = 'main' AND split = 'train' ORDER BY words DESC LIMIT 10;
    """
  ),
  (
    "Which document does token 1,000 of the train split come from?",
    """
    SELECT document, source, file, line, 1000 - firstToken AS tokenInDocument FROM tokenSpan
    WHERE tokens = 'main--main' AND split = 'train' AND firstToken <= 1000
    ORDER BY firstToken DESC LIMIT 1;
    """
  ),
  (
    "Which evaluation files stand in the corpus, and which documents of the train split hold them?",
    """
    SELECT t.source, t.document, c.evaluation, c.kind, c.hits, c.example
    FROM contamination c JOIN selectedText t ON t.document = c.document
    WHERE t.selection = 'main' AND t.split = 'train' ORDER BY c.hits DESC;
    """
  ),
  (
    "What would a selection without copies and evaluation texts have to choose from?",
    """
    SELECT source, count(*) AS documents, sum(words) AS words FROM corpus
    WHERE duplicateOf IS NULL AND contaminated = 0 GROUP BY source;
    """
  ),
  (
    "Which sources are copies of which?",
    "SELECT * FROM duplicateSummary ORDER BY words DESC;"
  ),
  (
    "How did the last stages go?",
    """
    SELECT name, round(seconds, 1) AS seconds, report ->> '$.output' AS output FROM stage
    ORDER BY finishedAt DESC LIMIT 5;
    """
  ),
]
