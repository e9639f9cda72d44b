// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: the strict language mode, and each warning an error.
let common: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
]

/// Targets whose byte and number loops would be some 200 times slower in an unoptimised build.
let hot = common + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
  name: "blalm",
  targets: [
    .systemLibrary(
      name: "COpenBLAS",
      pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"])]
    ),
    .systemLibrary(
      name: "CLibXML2",
      pkgConfig: "libxml-2.0",
      providers: [.apt(["libxml2-dev"])]
    ),
    .systemLibrary(
      name: "CLibArchive",
      pkgConfig: "libarchive",
      providers: [.apt(["libarchive-dev"])]
    ),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

    .target(name: "Documents", swiftSettings: hot),
    .target(
      name: "Ingestion",
      dependencies: ["Documents", "CLibXML2", "CLibArchive"],
      swiftSettings: hot
    ),
    .target(name: "Tokenization", dependencies: ["Documents"], swiftSettings: hot),
    .target(
      name: "CKernels",
      cSettings: [.unsafeFlags(["-O3"], .when(configuration: .debug))],
      linkerSettings: [.linkedLibrary("m")]
    ),
    .target(name: "Kernels", dependencies: ["CKernels", "COpenBLAS"], swiftSettings: hot),
    .target(name: "Modeling", dependencies: ["Kernels"], swiftSettings: hot),
    .target(
      name: "Evaluation",
      dependencies: ["Documents", "Kernels", "Modeling", "Tokenization"],
      swiftSettings: hot
    ),
    .target(
      name: "Training",
      dependencies: ["Documents", "Evaluation", "Kernels", "Modeling", "Tokenization"],
      swiftSettings: hot
    ),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: common),
    .testTarget(
      name: "DocumentsTests",
      dependencies: ["Documents", "TestSupport"],
      swiftSettings: common
    ),
    .testTarget(
      name: "TokenizationTests",
      dependencies: ["Tokenization", "Documents"],
      resources: [.copy("Fixtures")],
      swiftSettings: common
    ),
    .testTarget(
      name: "KernelsTests",
      dependencies: ["Kernels", "TestSupport"],
      swiftSettings: common
    ),
    .testTarget(
      name: "ModelingTests",
      dependencies: ["Kernels", "Modeling", "TestSupport"],
      exclude: ["Fixtures"],
      swiftSettings: common
    ),
    .testTarget(
      name: "EvaluationTests",
      dependencies: ["Documents", "Evaluation", "Modeling", "TestSupport", "Tokenization"],
      swiftSettings: common
    ),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Documents", "Evaluation", "Kernels", "Modeling", "TestSupport", "Tokenization", "Training",
      ],
      exclude: ["Fixtures"],
      swiftSettings: common
    ),
  ],
  swiftLanguageModes: [.v6]
)
