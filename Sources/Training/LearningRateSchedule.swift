// The learning rate as a function of the step: a linear warm-up, then a fall to a floor.
// Nothing is remembered, so a resumed run finds the same rates.

private import Glibc

/// A linear warm-up over a share of the steps, then a fall to a floor in one of three shapes.
///
/// In step s = 1 ... S with w = ⌈share · S⌉ warm-up steps the rate is peak · s/w up to w, then
/// peak · (floor + (1 − floor) · shape(p)) with a progress p from 0 towards 1. For `cosine` and
/// `linear` p = (s − 1 − w)/(S − w) and the shapes are (1 + cos πp)/2 and 1 − p. For
/// `warmUpStableDecay` the shape is 1 until the last d = ⌈decayShare · S⌉ steps, then 1 − p with
/// p = (s − 1 − (S − d))/d (Hu et al., "MiniCPM", arXiv 2404.06395). The first step already moves, and
/// the floor is reached where step S + 1 would stand, so that the last step still does.
public struct LearningRateSchedule: Sendable, Equatable {
  /// The number of steps of the whole run, S.
  public let stepCount: Int
  /// The number of steps in which the rate rises, w.
  public let warmUpSteps: Int
  /// The last step at the peak: ``warmUpSteps``, or the end of the stable part.
  public let levelUntil: Int
  /// The highest rate.
  public let peak: Double
  /// The share of the peak that the rate falls to.
  public let minimumShare: Double
  /// The shape of the fall.
  public let shape: TrainingSettings.ScheduleChoice

  /// Creates the schedule of a run.
  ///
  /// - Parameters:
  ///   - stepCount: The number of steps, at least 1.
  ///   - settings: The rate, its floor, the share of the warm-up and the shape of the fall.
  public init(stepCount: Int, settings: TrainingSettings) {
    precondition(stepCount >= 1)
    self.stepCount = stepCount
    warmUpSteps = Int((settings.warmUpShare * Double(stepCount)).rounded(.up))
    let decaySteps = Int((settings.decayShare * Double(stepCount)).rounded(.up))
    levelUntil =
      settings.schedule == .warmUpStableDecay
      ? max(warmUpSteps, stepCount - decaySteps) : warmUpSteps
    peak = settings.learningRate
    minimumShare = settings.minimumLearningRateShare
    shape = settings.schedule
  }

  /// The rate of a step.
  ///
  /// - Parameter step: 1 ... ``stepCount``.
  /// - Returns: The learning rate.
  public func rate(at step: Int) -> Double {
    precondition((1...stepCount).contains(step))
    guard step > warmUpSteps else { return peak * Double(step) / Double(warmUpSteps) }
    guard step > levelUntil else { return peak }
    let progress = Double(step - 1 - levelUntil) / Double(stepCount - levelUntil)
    let height = shape == .cosine ? (1 + cos(.pi * progress)) / 2 : 1 - progress
    return peak * (minimumShare + (1 - minimumShare) * height)
  }
}
