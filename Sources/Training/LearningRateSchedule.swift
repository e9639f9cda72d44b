// The learning rate as a function of the step: a linear warm-up, then a cosine.
// Nothing is remembered, so a resumed run finds the same rates.

private import Glibc

/// A linear warm-up over a share of the steps, then a cosine down to a floor.
///
/// In step s = 1 ... S with w = ⌈share · S⌉ warm-up steps the rate is peak · s/w up to w, then
/// peak · (floor + (1 − floor)(1 + cos π(s − 1 − w)/(S − w))/2): the first step already moves, and
/// the floor is reached where step S + 1 would stand, so that the last step still does.
public struct LearningRateSchedule: Sendable, Equatable {
  /// The number of steps of the whole run, S.
  public let stepCount: Int
  /// The number of steps in which the rate rises, w.
  public let warmUpSteps: Int
  /// The highest rate.
  public let peak: Double
  /// The share of the peak that the cosine falls to.
  public let minimumShare: Double

  /// Creates the schedule of a run.
  ///
  /// - Parameters:
  ///   - stepCount: The number of steps, at least 1.
  ///   - settings: The rate, its floor and the share of the warm-up.
  public init(stepCount: Int, settings: TrainingSettings) {
    precondition(stepCount >= 1)
    self.stepCount = stepCount
    warmUpSteps = Int((settings.warmUpShare * Double(stepCount)).rounded(.up))
    peak = settings.learningRate
    minimumShare = settings.minimumLearningRateShare
  }

  /// The rate of a step.
  ///
  /// - Parameter step: 1 ... ``stepCount``.
  /// - Returns: The learning rate.
  public func rate(at step: Int) -> Double {
    precondition((1...stepCount).contains(step))
    guard step > warmUpSteps else { return peak * Double(step) / Double(warmUpSteps) }
    let progress = Double(step - 1 - warmUpSteps) / Double(stepCount - warmUpSteps)
    return peak * (minimumShare + (1 - minimumShare) * (1 + cos(.pi * progress)) / 2)
  }
}
