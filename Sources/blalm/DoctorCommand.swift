import ArgumentParser
import Codecs
import Foundation
import Ingestion
import Kernels
import Pipeline
import Storage

/// `blalm doctor`: the machine, the libraries, and settings that slow them down.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Describe the machine and the libraries, and name settings that slow them down."
  )

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  func run() throws {
    let findings = Findings()
    if json { return print(canonicalJSON(findings)) }
    for (name, value) in findings.machine.sorted(by: { $0.key < $1.key }) {
      print(padded(name, 16) + value)
    }
    print()
    for (name, value) in findings.libraries.sorted(by: { $0.key < $1.key }) {
      print(padded(name, 16) + value)
    }
    print()
    for warning in findings.warnings { print("warning: \(warning)") }
    if findings.warnings.isEmpty { print("Nothing found that slows this machine down.") }
  }
}

/// What the doctor finds.
private struct Findings: Encodable {
  var machine: [String: String] = [:]
  var libraries: [String: String] = [:]
  var warnings: [String] = []

  init() {
    let process = ProcessInfo.processInfo
    let blas = blasDescription()
    machine["system"] = process.operatingSystemVersionString
    machine["cores"] = "\(process.activeProcessorCount)"
    machine["memory"] = "\(process.physicalMemory / 1_048_576) MiB"
    machine["processor"] = Findings.processorLine("model name") ?? "unknown"
    machine["build"] = Findings.isOptimized ? "release" : "debug"
    libraries["OpenBLAS"] = "core type \(blas.coreType); \(blas.configuration)"
    let oneDNN = oneDNNDescription()
    libraries["oneDNN"] = "version \(oneDNN.version); \(oneDNN.instructionSet)"
    libraries["products"] = "by \(ProductLibrary.current.rawValue)"
    libraries["SQLite"] = sqliteVersion()
    libraries["libarchive"] = archiveLibraryVersion()
    libraries["libxml2"] = xmlLibraryVersion()
    libraries["libzstd"] = zstandardVersion()
    collectWarnings(process.environment, coreType: blas.coreType)
  }

  private mutating func collectWarnings(_ environment: [String: String], coreType: String) {
    if let pinned = environment["OPENBLAS_CORETYPE"] {
      warnings.append(
        "OPENBLAS_CORETYPE=\(pinned) pins OpenBLAS to the kernels of one processor (now "
          + "\(coreType)); unset it, or training may run at half its speed"
      )
    }
    if let unknown = ProductLibrary.unknownSetting {
      let known = ProductLibrary.allCases.map(\.rawValue).joined(separator: " or ")
      warnings.append(
        "\(ProductLibrary.variable)=\(unknown) names no library and is ignored; set \(known)"
      )
    }
    for name in ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "GOTO_NUM_THREADS"] {
      guard let value = environment[name] else { continue }
      warnings.append(
        "\(name)=\(value) is set; blalm runs one single-threaded product a core and ignores it"
      )
    }
    let flags = Findings.processorLine("flags") ?? ""
    if !flags.isEmpty, !flags.split(separator: " ").contains("avx2") {
      warnings.append("the processor has no AVX2; number loops run at their plain speed")
    }
    if !Findings.isOptimized {
      warnings.append("this is a debug build; build with `swift build -c release`")
    }
    let space = try? FileManager.default.attributesOfFileSystem(forPath: ".")
    if let free = (space?[.systemFreeSize] as? NSNumber)?.int64Value, free < 5_000_000_000 {
      warnings.append("only \(free / 1_000_000) MB are free on this disk")
    }
  }

  private static func processorLine(_ name: String) -> String? {
    let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.split(separator: ":", maxSplits: 1).last?
      .trimmingCharacters(in: .whitespaces)
  }

  private static var isOptimized: Bool {
    #if DEBUG
    false
    #else
    true
    #endif
  }
}
