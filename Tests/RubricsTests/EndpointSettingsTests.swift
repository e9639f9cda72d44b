import Files
import Rubrics
import Testing

@Suite struct EndpointSettingsTests {
  @Test(arguments: [
    ("http://127.0.0.1:8080/v1", true), ("http://127.255.0.9/v1", true),
    ("http://LOCALHOST:1/v1", true), ("http://[::1]:8080/v1", true), ("HTTP://127.0.0.1/v1", true),
    ("http://127.evil.example/v1", false), ("http://127.0.0.1.evil.example/v1", false),
    ("http://127.0.0.1x/v1", false), ("http://127.0.0.256/v1", false), ("http://127.1/v1", false),
    ("http://127.0.0.01/v1", false), ("http://127.0.0./v1", false), ("http://0127.0.0.1/v1", false),
    ("http://evil.localhost/v1", false), ("http://localhost.evil.example/v1", false),
    ("http://127%2e0.0.1/v1", false), ("http://10.0.0.1/v1", false), ("http://[::2]/v1", false),
  ])
  func `only this machine may have the key in the clear`(_ address: String, _ isLocal: Bool) throws
  {
    var settings = EndpointSettings(endpoint: address, model: "m")
    #expect(settings.isLocal == isLocal)
    settings.keyFile = "key"
    if isLocal { return try settings.validate(place: "test") }
    #expect(throws: Failure.self) { try settings.validate(place: "test") }
  }

  @Test(arguments: [
    ("0", false), ("1", true), ("65535", true), ("65536", false), ("99999", false),
    ("99999999999999999999999", false), ("-1", false),
  ])
  func `a port is one that there is`(_ port: String, _ isThere: Bool) throws {
    let settings = EndpointSettings(endpoint: "http://127.0.0.1:\(port)/v1", model: "m")
    if isThere { return try settings.validate(place: "test") }
    let failure = try #require(throws: Failure.self) { try settings.validate(place: "test") }
    #expect(failure.kind == .usage)
  }
}
