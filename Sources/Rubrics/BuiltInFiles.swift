// The files that are part of the program, so that it finds them wherever it is run.
//
// They lie in `rubrics/` and `data/`; `BuiltIn/` links to them, and the build takes their bytes in.

import Files
package import Settings

/// A file of the project as it was when the program was built.
package struct BuiltInFile: Sendable {
  /// The file's path in the project.
  package let path: String
  /// Its text.
  package let text: String

  private init(_ path: String, _ bytes: [UInt8]) {
    self.path = path
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// The rubrics, each by the name of its file without `.yaml`.
  package static let rubrics: [(name: String, file: BuiltInFile)] = [
    ("educational", BuiltInFile("rubrics/educational.yaml", PackageResources.educational_yaml)),
    ("fineweb-edu", BuiltInFile("rubrics/fineweb-edu.yaml", PackageResources.fineweb_edu_yaml)),
    (
      "child-directed",
      BuiltInFile("rubrics/child-directed.yaml", PackageResources.child_directed_yaml)
    ),
  ]

  /// What models cost.
  package static let prices = BuiltInFile("data/prices.yaml", PackageResources.prices_yaml)

  /// The models that BabyLM allows.
  package static let babyLMModels = BuiltInFile(
    "data/babylm-models.yaml",
    PackageResources.babylm_models_yaml
  )

  /// The file as settings.
  ///
  /// - Returns: Its root.
  /// - Throws: ``Failure`` where it is not YAML.
  package func settings() throws -> Setting { try Setting.parse(text, file: path) }
}
