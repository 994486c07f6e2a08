declare const brand: unique symbol;

/** A string that has been checked by `isId` and says what it identifies. */
export type Id<Of extends string> = string & { readonly [brand]: Of };

export type UserId = Id<'user'>;
export type CourseId = Id<'course'>;
export type ChapterId = Id<'chapter'>;
export type ItemId = Id<'item'>;
export type QuestionId = Id<'question'>;
export type OptionId = Id<'option'>;
export type AttemptId = Id<'attempt'>;
export type PlaybackId = Id<'playback'>;
export type PaymentId = Id<'payment'>;
export type TopicId = Id<'topic'>;
export type TestId = Id<'test'>;
export type AnswerId = Id<'answer'>;

/** `#` and `|` join ids into keys, so no id may hold them. */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** Whether a string may serve as an id of any kind. */
export function isId<T extends Id<string>>(value: string): value is T {
  return ID_PATTERN.test(value);
}
