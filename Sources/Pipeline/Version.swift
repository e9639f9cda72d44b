/// The version of blalm, as `--version` prints it and manifests state it.
public let blalmVersion = "0.1.0"
