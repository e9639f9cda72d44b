// Phrases that belong to a web page's frame, not to its text.
//
// The lists are our own: what cookie banners, legal footers, calls to subscribe and navigation say in
// English. A phrase is found without regard to case, over line ends and punctuation, at whole words.

/// Counts of boilerplate phrases, by kind.
package struct BoilerplateMetric: Metric {
  /// Creates the metric.
  package init() {}

  package let name = "qualityBoilerplate"
  package let version = 1
  package let summary = "How often phrases of web pages' frames occur, from lists of our own."

  package let columns = [
    MetricColumn(
      "boilerplatePhrases",
      .integer,
      "All phrases of the kinds that follow."
    ),
    MetricColumn(
      "cookiePhrases",
      .integer,
      "Phrases of cookie and consent banners, such as `accept all cookies`."
    ),
    MetricColumn(
      "legalPhrases",
      .integer,
      "Phrases of legal footers, such as `terms of use` and `all rights reserved`."
    ),
    MetricColumn(
      "subscriptionPhrases",
      .integer,
      "Calls to subscribe, sign in or follow, such as `subscribe to our newsletter`."
    ),
    MetricColumn(
      "navigationPhrases",
      .integer,
      "Links and controls, such as `click here` and `skip to content`."
    ),
    MetricColumn(
      "technicalPhrases",
      .integer,
      "Messages of machines, such as `page not found` and `enable javascript`."
    ),
  ]

  package func makeMeasurer(_ resources: MetricResources) -> any Measurer { BoilerplateMeasurer() }

  /// The phrases of each kind, in the order of the columns.
  static let phrases: [[String]] = [
    [
      "accept all cookies", "accept cookies", "cookie notice", "cookie policy",
      "cookie preferences",
      "cookie settings", "cookies policy", "manage cookies", "reject all cookies",
      "this site uses cookies", "this website uses cookies", "use cookies", "use of cookies",
      "uses cookies", "we value your privacy",
    ],
    [
      "all rights reserved", "affiliate links", "copyright notice", "privacy notice",
      "privacy policy", "privacy statement", "terms and conditions", "terms of service",
      "terms of use", "trademarks are the property",
    ],
    [
      "create an account", "follow us on", "forgot your password", "join our mailing list",
      "leave a comment", "leave a reply", "like us on facebook", "log in to", "post a comment",
      "share on facebook", "share on twitter", "share this article", "share this post",
      "sign in to", "sign up for", "sign up now", "sign up to receive", "subscribe now",
      "subscribe to our", "subscribe today", "your email address will not be published",
    ],
    [
      "add to cart", "back to top", "buy now", "click here", "click on the link", "click the link",
      "free shipping", "next article", "next post", "previous article", "previous post",
      "read more", "read the full", "related articles", "related posts", "scroll down",
      "see all posts", "show more", "skip to content", "skip to main content", "view all posts",
      "you may also like", "you might also like",
    ],
    [
      "access denied", "enable javascript", "error occurred while", "internal server error",
      "javascript is disabled", "lorem ipsum", "page not found", "page you are looking for",
      "page you requested", "powered by wordpress", "turn on javascript",
      "your browser does not support", "your browser is not supported",
    ],
  ]

  fileprivate static let automaton = PhraseAutomaton(groups: phrases, foldsSpacing: true)
}

private struct BoilerplateMeasurer: Measurer {
  let automaton = BoilerplateMetric.automaton

  func measure(
    _ text: Span<UInt8>,
    scan: borrowing TextScan,
    values: inout [MetricValue]
  ) {
    // One place a group, the first for bytes where no phrase ends.
    var counts: InlineArray<6, Int> = .init(repeating: 0)
    let classes = automaton.classes.span
    let transitions = automaton.transitions.span
    // As behind a blank, which begins every phrase.
    var state = PhraseAutomaton.state(transitions[0])
    var wasBlank = true
    for index in 0...text.count {
      let letter = index < text.count ? Int(classes[Int(text[index])]) : 0
      if letter == 0 {
        if wasBlank { continue }
        wasBlank = true
      } else {
        wasBlank = false
      }
      let transition = transitions[state + letter]
      state = PhraseAutomaton.state(transition)
      let group = PhraseAutomaton.group(transition)
      if group != 0 { counts[group] += 1 }
    }
    var all = 0
    for group in 1..<6 { all += counts[group] }
    values.append(.integer(all))
    for group in 1..<6 { values.append(.integer(counts[group])) }
  }
}
