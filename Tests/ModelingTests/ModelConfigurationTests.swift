import Foundation
import Modeling
import Testing

@Suite struct ModelConfigurationTests {
  @Test(arguments: [
    (#""hiddenSize":0"#, "hiddenSize"), (#""hiddenSize":9000000000"#, "hiddenSize"),
    (#""blockCount":-1"#, "blockCount"), (#""headCount":5"#, "headCount"),
    (#""headCount":0"#, "headCount"), (#""feedForwardSize":0"#, "feedForwardSize"),
    (#""vocabularySize":1"#, "vocabularySize"), (#""contextLength":0"#, "contextLength"),
    (#""convolutionWidth":-4"#, "convolutionWidth"),
    (#""convolutionWidth":65"#, "convolutionWidth"),
    (#""slidingWindow":"average","slidingWindowLength":0"#, "slidingWindowLength"),
    (#""slidingWindow":"average","slidingWindowMemory":-1"#, "slidingWindowMemory"),
    (#""slidingWindowMemory":4"#, "slidingWindowMemory"),
    (#""chunkLength":0"#, "chunkLength"), (#""inputGateBias":16"#, "inputGateBias"),
    (#""slidingWindow":"bounded","headCount":128"#, "headCount"),
    (#""mixer":"attention","headCount":128"#, "headCount"),
    (#""mixer":"attention","convolutionWidth":4"#, "convolutionWidth"),
    (#""mixer":"attention","featureMap":"hedgehog""#, "featureMap"),
    (#""mixer":"attention","slidingWindow":"average""#, "slidingWindow"),
    (#""mixer":"attention","inputGateBias":1"#, "inputGateBias"),
  ])
  func `a value that cannot work is refused by the field's name`(
    keys: String,
    field: String
  ) throws {
    var base = try object(ModelConfiguration(preset: .nano))
    base.merge(try json(Data("{\(keys)}".utf8))) { _, given in given }
    let data = try JSONSerialization.data(withJSONObject: base)
    let configuration = try JSONDecoder().decode(ModelConfiguration.self, from: data)
    let error = #expect(throws: ConfigurationError.self) { try Model(configuration) }
    #expect(error?.field == field)
    #expect(error?.description.hasPrefix(field + ": ") == true)
  }

  @Test(arguments: [#""mixer":"gru""#, #""featureMap":1"#, #""slidingWindow":"on""#])
  func `a mechanism that there is not is refused`(keys: String) throws {
    var base = try object(ModelConfiguration(preset: .nano))
    base.merge(try json(Data("{\(keys)}".utf8))) { _, given in given }
    let data = try JSONSerialization.data(withJSONObject: base)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(ModelConfiguration.self, from: data)
    }
  }

  @Test func `what a file leaves out has its default`() throws {
    var base = try object(ModelConfiguration(preset: .small))
    for key in [
      "mixer", "convolutionWidth", "featureMap", "slidingWindow", "slidingWindowLength",
      "slidingWindowMemory", "isolateDocuments", "chunkLength", "tiesOutput",
    ] {
      #expect(base.removeValue(forKey: key) != nil, "\(key)")
    }
    let data = try JSONSerialization.data(withJSONObject: base)
    let configuration = try JSONDecoder().decode(ModelConfiguration.self, from: data)
    #expect(configuration == ModelConfiguration(preset: .small))
  }

  @Test(arguments: Mechanism.all)
  func `a configuration survives JSON`(mechanism: Mechanism) throws {
    var configuration = ModelConfiguration(preset: .nano)
    mechanism.set(&configuration)
    if mechanism.mixer == .mlstm { configuration.inputGateBias = 0.25 }
    try configuration.validate()
    let data = try JSONEncoder().encode(configuration)
    #expect(try JSONDecoder().decode(ModelConfiguration.self, from: data) == configuration)
  }

  /// The model page's table, to the letter.
  @Test(arguments: [
    (ModelConfiguration.Preset.nano, [128, 4, 4, 384, 4_096, 256], true),
    (.small, [512, 8, 8, 1_408, 16_384, 512], true),
    (.base, [768, 12, 12, 2_048, 16_384, 512], true),
    (.paper, [1_024, 24, 16, 1_536, 15_000, 512], false),
    (.paperTransformer, [1_024, 26, 16, 1_536, 15_000, 512], false),
  ])
  func `a preset has the sizes of the table and no option`(
    preset: ModelConfiguration.Preset,
    sizes: [Int],
    tied: Bool
  ) {
    let found = ModelConfiguration(preset: preset)
    #expect(
      sizes == [
        found.hiddenSize, found.blockCount, found.headCount, found.feedForwardSize,
        found.vocabularySize, found.contextLength,
      ]
    )
    #expect(found.tiesOutput == tied && found.slidingWindowLength == 64)
    #expect(found.slidingWindow == .none && found.slidingWindowMemory == 0)
    #expect(found.convolutionWidth == 0 && found.featureMap == .identity)
    #expect(!found.isolateDocuments && found.startingInputGateBias == 0)
    #expect(ModelConfiguration(preset: preset, vocabularySize: 77).vocabularySize == 77)
  }

  @Test func `the paper's variants differ from its size as the paper says`() throws {
    let paper = ModelConfiguration(preset: .paper)
    var strictSmall = paper
    strictSmall.convolutionWidth = 4
    #expect(ModelConfiguration(preset: .paperStrictSmall) == strictSmall)
    var strict = paper
    strict.slidingWindow = .bounded
    #expect(ModelConfiguration(preset: .paperStrict) == strict)
    var transformer = paper
    transformer.mixer = .attention
    transformer.blockCount = 26
    #expect(ModelConfiguration(preset: .paperTransformer) == transformer)
  }

  private func object(_ configuration: ModelConfiguration) throws -> [String: Any] {
    try json(JSONEncoder().encode(configuration))
  }

  private func json(_ data: Data) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}
