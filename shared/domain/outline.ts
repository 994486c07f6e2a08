import type { Chapter, Item, Outline, Qbank } from './course.ts';
import { DomainError } from './errors.ts';

/** The chapter; throws DomainError chapter_unknown. */
export function findChapter(outline: Outline, chapterId: string): Chapter {
  const chapter = outline.chapters.find((each) => each.chapterId === chapterId);
  if (chapter === undefined) {
    throw new DomainError('chapter_unknown', 'The published course has no such chapter.', { chapterId });
  }
  return chapter;
}

function isOfKind<K extends Item['kind']>(item: Item, kind: K): item is Extract<Item, { kind: K }> {
  return item.kind === kind;
}

/** The item, which must be of that kind; throws DomainError item_unknown. */
export function findItem<K extends Item['kind']>(
  outline: Outline,
  itemId: string,
  kind: K,
): Extract<Item, { kind: K }> {
  const item = allItems(outline).find((each) => each.itemId === itemId);
  if (item === undefined || !isOfKind(item, kind)) {
    throw new DomainError('item_unknown', `The published course has no such ${kind}.`, { itemId, kind });
  }
  return item;
}

export function allItems(outline: Outline): Item[] {
  return outline.chapters.flatMap((chapter) => chapter.items);
}

/** The items that ask for practice in the course's question bank. */
export function bankItems(outline: Outline): Qbank[] {
  return allItems(outline).filter((item) => isOfKind(item, 'qbank'));
}

/** The items that the course's progress is made of. */
export function requiredItems(outline: Outline): Item[] {
  return allItems(outline).filter((item) => item.required);
}

/** The chapter that holds the item, or undefined. */
export function chapterOf(outline: Outline, itemId: string): Chapter | undefined {
  return outline.chapters.find((chapter) => chapter.items.some((item) => item.itemId === itemId));
}
