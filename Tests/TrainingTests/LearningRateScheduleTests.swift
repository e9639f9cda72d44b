import Foundation
import Modeling
import Testing
import Training

@Suite struct LearningRateScheduleTests {
  @Test func `the rate rises in a line and falls as a cosine`() {
    var settings = TrainingSettings(preset: .nano)
    settings.learningRate = 0.1
    let schedule = LearningRateSchedule(stepCount: 100, settings: settings)
    #expect(schedule.warmUpSteps == 10)
    #expect(abs(schedule.rate(at: 1) - 0.01) < 1e-15)
    #expect(abs(schedule.rate(at: 10) - 0.1) < 1e-15)
    #expect(abs(schedule.rate(at: 11) - 0.1) < 1e-15)
    // Half-way: 45 of 90 steps after the warm-up.
    #expect(abs(schedule.rate(at: 56) - 0.05) < 1e-15)
    #expect(abs(schedule.rate(at: 100) - 0.05 * (1 + cos(.pi * 89 / 90))) < 1e-15)
    for step in 12...100 { #expect(schedule.rate(at: step) < schedule.rate(at: step - 1)) }
  }

  @Test func `the linear fall is a straight line to the floor`() {
    var settings = TrainingSettings(preset: .nano)
    settings.learningRate = 0.1
    settings.schedule = .linear
    settings.minimumLearningRateShare = 0.1
    let schedule = LearningRateSchedule(stepCount: 100, settings: settings)
    #expect(abs(schedule.rate(at: 10) - 0.1) < 1e-15)
    for step in 11...100 {
      let expected = 0.1 * (0.1 + 0.9 * (1 - Double(step - 11) / 90))
      #expect(abs(schedule.rate(at: step) - expected) < 1e-15)
    }
  }

  @Test func `the stable rate lasts until the last part falls`() {
    var settings = TrainingSettings(preset: .nano)
    settings.learningRate = 0.1
    settings.schedule = .warmUpStableDecay
    settings.decayShare = 0.2
    let schedule = LearningRateSchedule(stepCount: 100, settings: settings)
    #expect(abs(schedule.rate(at: 5) - 0.05) < 1e-15)
    for step in 10...81 { #expect(schedule.rate(at: step) == 0.1) }
    for step in 82...100 {
      #expect(abs(schedule.rate(at: step) - 0.1 * (1 - Double(step - 81) / 20)) < 1e-15)
    }
    settings.decayShare = 0
    #expect(LearningRateSchedule(stepCount: 7, settings: settings).rate(at: 7) == 0.1)
  }

  @Test func `a floor is kept and short runs work`() {
    var settings = TrainingSettings(preset: .nano)
    settings.learningRate = 1
    settings.minimumLearningRateShare = 0.25
    let long = LearningRateSchedule(stepCount: 10_000, settings: settings)
    #expect(abs(long.rate(at: 10_000) - 0.25) < 1e-6)
    #expect(LearningRateSchedule(stepCount: 11, settings: settings).warmUpSteps == 2)
    for count in 1...12 {
      let schedule = LearningRateSchedule(stepCount: count, settings: settings)
      for step in 1...count { #expect((0.25...1).contains(schedule.rate(at: step)) || step == 1) }
    }
    settings.warmUpShare = 1
    #expect(LearningRateSchedule(stepCount: 4, settings: settings).rate(at: 4) == 1)
    settings.warmUpShare = 0
    #expect(LearningRateSchedule(stepCount: 4, settings: settings).rate(at: 1) == 1)
  }
}
