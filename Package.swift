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
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS",
      pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"])]
    ),
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
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
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CSnappy", providers: [.apt(["libsnappy-dev"])]),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),

    .target(name: "Files", swiftSettings: common),
    .target(
      name: "CSHA256",
      cSettings: [.unsafeFlags(["-O3"], .when(configuration: .debug))]
    ),
    .target(name: "Documents", dependencies: ["CSHA256"], swiftSettings: hot),
    .target(name: "Codecs", dependencies: ["CLZ4", "CSnappy", "CZstd"], swiftSettings: hot),
    .target(
      name: "Ingestion",
      dependencies: [
        "Files", "Documents", "Codecs", "CLibXML2", "CLibArchive", "CZlib", "CBzip2",
      ],
      swiftSettings: hot
    ),
    .target(
      name: "CTokenization",
      cSettings: [.unsafeFlags(["-O3"], .when(configuration: .debug))]
    ),
    .target(
      name: "Tokenization",
      dependencies: ["CTokenization", "Files", "Documents"],
      swiftSettings: hot
    ),
    .target(
      name: "CKernels",
      cSettings: [.unsafeFlags(["-O3"], .when(configuration: .debug))],
      linkerSettings: [.linkedLibrary("m")]
    ),
    .target(
      name: "Kernels",
      dependencies: ["CKernels", "COneDNN", "COpenBLAS"],
      swiftSettings: hot
    ),
    .target(name: "Modeling", dependencies: ["Files", "Kernels"], swiftSettings: hot),
    .target(
      name: "Evaluation",
      dependencies: ["Files", "Documents", "Kernels", "Modeling", "Tokenization"],
      swiftSettings: hot
    ),
    .target(
      name: "Training",
      dependencies: ["Files", "Documents", "Evaluation", "Kernels", "Modeling", "Tokenization"],
      swiftSettings: hot
    ),

    .target(
      name: "Settings",
      dependencies: ["Files", "Documents", .product(name: "Yams", package: "Yams")],
      swiftSettings: hot
    ),
    .target(
      name: "Storage",
      dependencies: [
        "Files", "Documents", "Codecs", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      swiftSettings: hot
    ),
    .target(name: "Curation", dependencies: ["Documents"], swiftSettings: hot),
    .target(
      name: "CPronunciations",
      exclude: ["LICENSE", "pronunciations.bin", "pronunciations.py", "syllable_patterns.py"]
    ),
    .target(
      name: "Metrics",
      dependencies: ["CPronunciations", "Codecs", "Documents"],
      swiftSettings: hot
    ),

    .target(
      name: "Rubrics",
      dependencies: ["Files", "Documents", "Settings"],
      resources: [
        .embedInCode("BuiltIn/educational.yaml"), .embedInCode("BuiltIn/fineweb-edu.yaml"),
        .embedInCode("BuiltIn/child-directed.yaml"), .embedInCode("BuiltIn/prices.yaml"),
        .embedInCode("BuiltIn/babylm-models.yaml"),
      ],
      swiftSettings: hot
    ),
    .target(
      name: "ScoringClient",
      dependencies: [
        "Files", "Documents", "Rubrics",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: common
    ),

    .target(
      name: "Pipeline",
      dependencies: [
        "Files", "Documents", "Settings", "Ingestion", "Storage", "Curation", "Metrics", "Rubrics",
        "Tokenization", "Modeling", "Evaluation", "Training",
      ],
      swiftSettings: hot
    ),
    .executableTarget(
      name: "blalm",
      dependencies: [
        "Codecs", "Files", "Documents", "Settings", "Ingestion", "Storage", "Curation",
        "Metrics", "Rubrics", "ScoringClient", "Tokenization", "Kernels", "Modeling", "Training",
        "Pipeline", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: common
    ),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: common),
    .target(
      name: "JudgeServer",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      path: "Tests/JudgeServer",
      swiftSettings: common
    ),
    .testTarget(
      name: "RubricsTests",
      dependencies: ["Files", "Documents", "Rubrics", "Settings", "TestSupport"],
      swiftSettings: common
    ),
    .testTarget(
      name: "ScoringClientTests",
      dependencies: ["Files", "Documents", "JudgeServer", "Rubrics", "ScoringClient"],
      swiftSettings: common
    ),
    .testTarget(
      name: "FilesTests",
      dependencies: ["Files", "TestSupport"],
      swiftSettings: common
    ),
    .testTarget(
      name: "DocumentsTests",
      dependencies: ["Documents", "TestSupport"],
      swiftSettings: common
    ),
    .testTarget(
      name: "IngestionTests",
      dependencies: ["Files", "Ingestion", "Documents", "TestSupport", "CBzip2"],
      exclude: ["Fixtures"],
      swiftSettings: common
    ),
    .testTarget(
      name: "TokenizationTests",
      dependencies: ["Files", "Tokenization", "Documents", "TestSupport"],
      resources: [.copy("Fixtures")],
      swiftSettings: common
    ),
    .testTarget(
      name: "KernelsTests",
      dependencies: ["Kernels", "TestSupport"],
      swiftSettings: common
    ),
    .testTarget(
      name: "SettingsTests",
      dependencies: ["Files", "Settings", "Documents"],
      swiftSettings: common
    ),
    .testTarget(
      name: "CurationTests",
      dependencies: ["Curation", "Documents", "TestSupport"],
      swiftSettings: common
    ),
    .testTarget(
      name: "MetricsTests",
      dependencies: ["Documents", "Metrics", "TestSupport"],
      exclude: ["Fixtures"],
      swiftSettings: common
    ),
    .testTarget(
      name: "StorageTests",
      dependencies: [
        "Files", "Storage", "Documents", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: common
    ),
    .testTarget(
      name: "ModelingTests",
      dependencies: ["Files", "Kernels", "Modeling", "TestSupport"],
      exclude: ["Fixtures"],
      swiftSettings: common
    ),
    .testTarget(
      name: "EvaluationTests",
      dependencies: [
        "Files", "Documents", "Evaluation", "Modeling", "TestSupport", "Tokenization",
      ],
      swiftSettings: common
    ),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Files", "Documents", "Evaluation", "Kernels", "Modeling", "TestSupport", "Tokenization",
        "Training",
      ],
      exclude: ["Fixtures"],
      swiftSettings: common
    ),
    .testTarget(
      name: "PipelineTests",
      dependencies: [
        "Curation", "Documents", "Files", "Ingestion", "Metrics", "Pipeline", "Settings", "Storage",
        "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: common
    ),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "blalm", "Documents", "JudgeServer", "Metrics", "Modeling", "Pipeline", "Storage",
        "TestSupport", "Tokenization", "Training",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: common
    ),
  ],
  swiftLanguageModes: [.v6]
)
