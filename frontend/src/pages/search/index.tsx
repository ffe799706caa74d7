import { useEffect, useRef, useState } from "react";
import { useSearchHits } from "../../api/queries";
import { OF_TEXTS } from "../../logic/filter";
import { groupsOf } from "../../logic/search-hits";
import { formatDay } from "../../logic/time";
import { groupThousands } from "../../logic/units";
import { FilterBar } from "../../ui/filter-bar";
import { Shell } from "../../ui/shell";
import { useShortcuts } from "../../ui/shortcuts";
import { ActionButton, EmptyState, ErrorState, Skeleton, StaleNote } from "../../ui/states";
import { useToday } from "../../ui/today";
import { readFilter, useFilterText } from "../../ui/use-filter";
import { Facets } from "./facets";
import { Group } from "./group";
import styles from "./search.module.css";
import { type Sort, useSort } from "./url";

const EXAMPLES = [
  ['"disk full"', "these words, one after the other"],
  ["tool:Bash is:failed", "failed calls of a tool"],
  ["kind:prompt after:7d", "prompts of the last seven days"],
  ["dur:>30s -name:Bash", "what took long, but for one tool"],
] as const;

export default function SearchPage() {
  const [text, setText] = useFilterText();
  const [sort, setSort] = useSort();
  const [typing, setTyping] = useState(false);
  const { error: wrong } = readFilter(text, OF_TEXTS);
  const hits = useSearchHits({ q: wrong ? "" : text, sort, typing });
  const first = hits.data?.pages[0];
  return (
    <Shell crumbs={[{ text: "Search" }]}>
      <div className={styles.page}>
        <h1 className="visually-hidden">Search</h1>
        <FilterBar
          text={text}
          onChange={(next, replace) => {
            setTyping(replace ?? false);
            setText(next, replace);
          }}
          vocabulary={OF_TEXTS}
          label="Search in all texts"
          placeholder='Words, "phrases", field:value'
        >
          {hits.isRefetchError ? (
            <StaleNote since={hits.dataUpdatedAt} onRetry={() => void hits.refetch()} />
          ) : null}
          {first && text !== "" ? (
            <span className={styles.total} role="status">
              {first.at_least ? "more than " : ""}
              {groupThousands(first.total ?? 0)} {first.total === 1 ? "hit" : "hits"}
            </span>
          ) : null}
          <select
            className={styles.sort}
            aria-label="Order"
            value={sort}
            onChange={(event) => setSort(event.target.value as Sort)}
          >
            <option value="newest">newest first</option>
            <option value="best">best first</option>
          </select>
        </FilterBar>
        {text === "" ? (
          <Start onChoose={setText} />
        ) : hits.isError && !hits.data ? (
          <ErrorState
            what="The search could not be answered."
            error={hits.error}
            onRetry={() => void hits.refetch()}
          />
        ) : !hits.data ? (
          wrong ? null : (
            <Skeleton rows={12} label="Searching" />
          )
        ) : (
          <Found hits={hits} text={text} onClear={() => setText("")} />
        )}
      </div>
    </Shell>
  );
}

function Found({
  hits,
  text,
  onClear,
}: {
  hits: ReturnType<typeof useSearchHits>;
  text: string;
  onClear: () => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  const today = useToday();
  const pages = hits.data?.pages ?? [];
  const first = pages[0];
  const last = pages.at(-1);
  const groups = groupsOf(pages);
  const step = (by: number) => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>("[data-hit]") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    links[Math.max(0, Math.min(links.length - 1, at < 0 && by < 0 ? 0 : at + by))]?.focus();
  };
  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
  });
  const end = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = hits;
  useEffect(() => {
    if (!end.current || !hasNextPage || isFetchingNextPage) return undefined;
    const observer = new IntersectionObserver((seen) => {
      if (seen.some((entry) => entry.isIntersecting)) void fetchNextPage();
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (groups.length === 0 && !hasNextPage)
    return (
      <EmptyState title="Nothing has these words.">
        <ActionButton onClick={onClear}>Clear the search</ActionButton>
      </EmptyState>
    );
  return (
    <div className={styles.columns} aria-busy={hits.isPlaceholderData}>
      {first?.facets ? <Facets facets={first.facets} counted={first.counted ?? 0} /> : null}
      <div ref={list} className={styles.list} data-old={hits.isPlaceholderData ? "" : undefined}>
        {first?.widened ? (
          <p className={styles.note}>Nothing has these as whole words: they were looked for within words.</p>
        ) : null}
        {first?.ranked ? (
          <p className={styles.note}>The best of the newest {groupThousands(first.ranked)} hits.</p>
        ) : null}
        {groups.map((group) => (
          <Group key={`${group.session.id} ${group.hits[0]?.ts ?? ""}`} group={group} query={text} />
        ))}
        {last?.searched_to ? (
          <p className={styles.note}>Searched back to {formatDay(last.searched_to, today)}.</p>
        ) : null}
        <div ref={end} className={styles.end}>
          {hasNextPage ? (
            <ActionButton onClick={() => void fetchNextPage()}>
              {isFetchingNextPage ? "Searching…" : "Older hits"}
            </ActionButton>
          ) : null}
        </div>
      </div>
    </div>
  );
}

function Start({ onChoose }: { onChoose: (text: string) => void }) {
  return (
    <EmptyState title="Search prompts, answers, reasoning, tools' input and output, titles, errors and logs">
      <ul className={styles.examples}>
        {EXAMPLES.map(([query, says]) => (
          <li key={query}>
            <button type="button" className={styles.example} onClick={() => onChoose(query)}>
              <code>{query}</code>
              <span>{says}</span>
            </button>
          </li>
        ))}
      </ul>
    </EmptyState>
  );
}
