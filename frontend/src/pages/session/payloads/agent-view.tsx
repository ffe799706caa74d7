/** What a sub-agent was asked, and what it answered. */

import { useMemo } from "react";
import { readFields } from "../../../logic/arguments";
import { firstField } from "../../../logic/payloads/tool-view";
import { parseJson } from "../../../logic/payloads/json-tree";
import { Markdown } from "../markdown";
import { BodyNotes } from "./body-notes";
import { Clamped } from "./clamped";
import { PlainView } from "./plain-view";
import type { Body } from "./use-body";
import styles from "./payloads.module.css";

const PROMPTS = ["prompt", "message", "task", "instructions", "query", "input"];

export function AgentView({ input, output }: { input: Body | null; output: Body | null }) {
  const fields = useMemo(() => readFields((input?.text ?? "").trim()), [input?.text]);
  const prompt = firstField(fields, PROMPTS) ?? (fields.size === 0 ? (input?.text ?? undefined) : undefined);
  const told = PROMPTS.find((name) => fields.has(name));
  return (
    <div className={styles.view} data-view="agent">
      {prompt === undefined ? null : (
        <section className={styles.section}>
          <h3 className={styles.sectionHead}>Asked</h3>
          <Clamped lines={16}>
            <div className={styles.markdown}>
              <Markdown text={prompt} />
            </div>
          </Clamped>
        </section>
      )}
      <div className={styles.chips}>
        {[...fields]
          .filter(([name]) => name !== told)
          .map(([name, value]) => (
            <span key={name} className={styles.chip}>
              {name} {value}
            </span>
          ))}
      </div>
      {input ? <BodyNotes body={input} /> : null}
      {output ? (
        <section className={styles.section}>
          <h3 className={styles.sectionHead}>Answered</h3>
          {output.complete && parseJson(output.text ?? "") === undefined ? (
            <>
              <Clamped lines={24}>
                <div className={styles.markdown}>
                  <Markdown text={output.text ?? ""} />
                </div>
              </Clamped>
              <BodyNotes body={output} />
            </>
          ) : (
            <PlainView body={output} />
          )}
        </section>
      ) : null}
    </div>
  );
}
