// Two tables over models' names that users can edit: what models cost, and which BabyLM allows.

import Files
package import Settings

/// A pattern of names in which `*` stands for any characters; upper and lower case are the same.
package struct NamePattern: Sendable, Equatable {
  private let parts: [[UInt8]]

  /// Reads a pattern.
  ///
  /// - Parameter text: The pattern.
  package init(_ text: String) {
    parts = text.lowercased().split(separator: "*", omittingEmptySubsequences: false)
      .map { Array($0.utf8) }
  }

  /// Whether a name matches.
  ///
  /// - Parameter name: The name.
  /// - Returns: Whether all of it matches.
  /// - Complexity: The name's length times the pattern's.
  package func matches(_ name: String) -> Bool {
    let bytes = Array(name.lowercased().utf8)
    guard let first = parts.first, let last = parts.last else { return false }
    guard parts.count > 1 else { return bytes == first }
    guard bytes.count >= first.count + last.count, bytes.starts(with: first),
      bytes.suffix(last.count).elementsEqual(last)
    else { return false }
    // Each part between two stars at its first place is as good as any other.
    var rest = bytes[first.count..<bytes.count - last.count]
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let range = rest.firstRange(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }
}

/// What models cost.
public struct PriceTable: Sendable {
  /// The price of a model, in dollars a million tokens.
  public struct Price: Sendable, Equatable {
    /// Of tokens that it reads.
    public let input: Double
    /// Of tokens that it writes.
    public let output: Double

    /// Creates a price.
    ///
    /// - Parameters:
    ///   - input: Of tokens that it reads, in dollars a million.
    ///   - output: Of tokens that it writes.
    package init(input: Double, output: Double) {
      self.input = input
      self.output = output
    }

    /// The cost of some tokens, in dollars.
    ///
    /// - Parameters:
    ///   - input: The tokens read.
    ///   - output: The tokens written.
    /// - Returns: Dollars.
    public func cost(input: Int, output: Int) -> Double {
      (Double(input) * self.input + Double(output) * self.output) / 1e6
    }
  }

  private let rows: [(pattern: NamePattern, price: Price)]

  /// The table that comes with the program.
  ///
  /// - Throws: ``Failure`` where the program was built with a damaged table.
  public init() throws { try self.init(yaml: BuiltInFile.prices.settings()) }

  /// Reads a table.
  ///
  /// - Parameter path: A YAML file.
  /// - Throws: ``Failure`` with the line of what cannot be understood.
  public init(path: String) throws { try self.init(yaml: Setting.load(path: path)) }

  package init(yaml root: Setting) throws {
    let list = try KeyedSettings(root, known: ["prices"]).required("prices")
    rows = try list.list(of: "a list of prices").map { row in
      let keys = try KeyedSettings(row, known: ["model", "input", "output"])
      func dollars(_ name: String) throws -> Double {
        let setting = try keys.required(name)
        guard let value = setting.number, (0...1e6).contains(value) else {
          throw setting.mismatch("a price from 0 on, in dollars a million tokens")
        }
        return value
      }
      return (
        NamePattern(try keys.required("model").text()),
        Price(input: try dollars("input"), output: try dollars("output"))
      )
    }
  }

  /// The price of a model.
  ///
  /// - Parameter settings: The endpoint; one on this machine costs nothing.
  /// - Returns: The price of the first row that matches, or `nil` where none does.
  public func price(of settings: EndpointSettings) -> Price? {
    rows.first { $0.pattern.matches(settings.model) }?.price
      ?? (settings.isLocal ? Price(input: 0, output: 0) : nil)
  }
}

/// The models that BabyLM lets one learn from.
public struct AllowedModels: Sendable {
  private struct Row {
    let pattern: NamePattern
    let smallerThan: Double?
    let atMost: Double?
  }

  /// The year of the rules.
  public let year: Int
  private let rows: [Row]

  /// The list that comes with the program.
  ///
  /// - Throws: ``Failure`` where the program was built with a damaged list.
  public init() throws { try self.init(yaml: BuiltInFile.babyLMModels.settings()) }

  package init(yaml root: Setting) throws {
    let keys = try KeyedSettings(root, known: ["year", "names"])
    year = try keys.required("year").integer(in: 2_000...9_999)
    rows = try keys.required("names").list(of: "a list of names").map { row in
      let keys = try KeyedSettings(row, known: ["model", "smallerThan", "atMost"])
      return Row(
        pattern: NamePattern(try keys.required("model").text()),
        smallerThan: keys["smallerThan"]?.number,
        atMost: keys["atMost"]?.number
      )
    }
  }

  /// Whether a model is on the list, by its name.
  ///
  /// - Parameter model: The name, as an endpoint has it; what precedes a `/` does not count.
  /// - Returns: Whether it is; a model that the list bounds by size must state its size.
  public func contains(_ model: String) -> Bool {
    let name = model.split(separator: "/").last.map(String.init) ?? model
    let billions = billionsOfParameters(in: name)
    return rows.contains { row in
      guard row.pattern.matches(name) else { return false }
      if let bound = row.smallerThan { return billions.map { $0 < bound } ?? false }
      if let bound = row.atMost { return billions.map { $0 <= bound } ?? false }
      return true
    }
  }
}

/// The size that a model's name states, such as 0.6 in `qwen3-0.6b` and 0.135 in `smollm-135m`.
///
/// - Parameter name: The name.
/// - Returns: The largest size stated, in billions of parameters, or `nil`.
package func billionsOfParameters(in name: String) -> Double? {
  name.lowercased().matches(of: /(?:^|[^0-9a-z.])([0-9]+(?:\.[0-9]+)?)([bm])(?![0-9a-z])/)
    .compactMap { match in
      Double(match.output.1).map { match.output.2 == "m" ? $0 / 1_000 : $0 }
    }.max()
}

extension Setting {
  /// The value as a number, whole or not.
  fileprivate var number: Double? {
    switch content {
    case .scalar(.integer(let value)): Double(value)
    case .scalar(.number(let value)): value
    default: nil
    }
  }

  /// The value's items.
  fileprivate func list(of wanted: String) throws -> [Setting] {
    guard case .list(let items) = content else { throw mismatch(wanted) }
    return items
  }
}
