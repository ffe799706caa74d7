/** What a step was given and what came of it, each shown as the thing it is. */

import { useMemo } from "react";
import type { Op, Payload } from "../../../api/types";
import { detailPayloads } from "../../../logic/details";
import { parseJson } from "../../../logic/payloads/json-tree";
import { fileDiffs } from "../../../logic/payloads/edits";
import { readLines } from "../../../logic/payloads/read-lines";
import { toolView } from "../../../logic/payloads/tool-view";
import { formatBytes } from "../../../logic/units";
import { Markdown } from "../markdown";
import { AgentView } from "./agent-view";
import { BodyNotes } from "./body-notes";
import { Clamped } from "./clamped";
import { CodeView } from "./code-view";
import { DiffView } from "./diff-view";
import { FileView } from "./file-view";
import { FoundView } from "./found-view";
import { JsonView } from "./json-view";
import { LongText } from "./long-text";
import { isPicture, PictureView } from "./picture-view";
import { PlainView } from "./plain-view";
import { ShellView } from "./shell-view";
import { TasksView } from "./tasks-view";
import { isText } from "../../../logic/details";
import { type Body, useBody } from "./use-body";
import { WebView } from "./web-view";
import styles from "./payloads.module.css";

interface StepProps {
  op: Op;
  session: string;
  /** The input of the call before, of the same tool; for what is told as a change. */
  before: string | null;
}

/** All texts of an op. */
export function StepView({ op, session, before }: StepProps) {
  const all = detailPayloads(op);
  const input = all.find((payload) => payload.kind === "tool_input");
  const outputs = all.filter((payload) => payload.kind === "tool_output");
  const change = outputs.find((payload) => payload.media_type === "text/x-diff");
  const output = outputs.find((payload) => payload !== change && isText(payload));
  const told = new Set([input, output, change]);
  const rest = all.filter((payload) => !told.has(payload));
  return (
    <>
      <WithBody session={session} payload={input}>
        {(given) => (
          <WithBody session={session} payload={output}>
            {(came) => (
              <WithBody session={session} payload={change}>
                {(changed) => (
                  <ToolView op={op} input={given} output={came} change={changed} before={before} />
                )}
              </WithBody>
            )}
          </WithBody>
        )}
      </WithBody>
      {rest.map((payload) => (
        <Other key={payload.id} session={session} payload={payload} />
      ))}
    </>
  );
}

/** Gives the text of a payload that may not be there. */
function WithBody({
  session,
  payload,
  children,
}: {
  session: string;
  payload: Payload | undefined;
  children: (body: Body | null) => React.ReactNode;
}) {
  return payload ? (
    <ThatBody key={payload.id} session={session} payload={payload}>
      {children}
    </ThatBody>
  ) : (
    children(null)
  );
}

function ThatBody({
  session,
  payload,
  children,
}: {
  session: string;
  payload: Payload;
  children: (body: Body | null) => React.ReactNode;
}) {
  return children(useBody(session, payload));
}

interface ToolProps {
  op: Op;
  input: Body | null;
  output: Body | null;
  change: Body | null;
  before: string | null;
}

function ToolView({ op, input, output, change, before }: ToolProps) {
  if (!input && !output && !change) return null;
  const view = toolView(op);
  if (view === "shell") return <ShellView op={op} input={input} output={output} />;
  if (view === "find" && output && op.status !== "failed") return <FoundView input={input} output={output} />;
  if (view === "agent") return <AgentView input={input} output={output} />;
  if (view === "web") return <WebView op={op} input={input} output={output} />;
  if (view === "tasks" && (input || output))
    return (
      <>
        <TasksView input={input} output={output} before={before} />
        <Aside output={output} />
      </>
    );
  if (view === "read" && output && op.status !== "failed") return <Read input={input} output={output} />;
  if (view === "edit" || change) return <Edit input={input} output={output} change={change} />;
  return (
    <>
      {input ? (
        <Section label="Input" body={input}>
          <PlainInput body={input} />
        </Section>
      ) : null}
      {output ? (
        <Section label="Output" body={output}>
          <PlainView body={output} />
        </Section>
      ) : null}
    </>
  );
}

function Read({ input, output }: { input: Body | null; output: Body }) {
  const read = useMemo(() => readLines(input?.text ?? null, output.text ?? ""), [input?.text, output.text]);
  if (!output.complete && !output.loading) return <PlainView body={output} />;
  return (
    <>
      <CodeView read={read} />
      <BodyNotes body={output} />
    </>
  );
}

function Edit({ input, output, change }: Pick<ToolProps, "input" | "output" | "change">) {
  const [asked, recorded] = [input?.text ?? null, change?.text ?? null];
  const files = useMemo(() => fileDiffs(asked, recorded === null ? [] : [recorded]), [asked, recorded]);
  if (files.length === 0) {
    return (
      <>
        {input ? (
          <Section label="Input" body={input}>
            <PlainInput body={input} />
          </Section>
        ) : null}
        {[output, change].map((body) =>
          body ? (
            <Section key={body.payload.id} label="Output" body={body}>
              <PlainView body={body} />
            </Section>
          ) : null,
        )}
      </>
    );
  }
  return (
    <>
      <DiffView files={files} />
      {input ? <BodyNotes body={input} /> : null}
      {change ? <BodyNotes body={change} /> : null}
      <Aside output={output} />
    </>
  );
}

/** What a tool said besides what is shown already. */
function Aside({ output }: { output: Body | null }) {
  if (!output?.text) return null;
  return (
    <details className={styles.stack}>
      <summary>What the tool answered, {formatBytes(output.payload.bytes)}</summary>
      <LongText body={output} />
      <BodyNotes body={output} />
    </details>
  );
}

function Section({ label, body, children }: { label: string; body: Body; children: React.ReactNode }) {
  return (
    <section className={styles.section} data-payload={body.payload.kind}>
      <h3 className={styles.sectionHead}>
        {label}
        <span className={styles.size}>{formatBytes(body.payload.bytes)}</span>
      </h3>
      {children}
    </section>
  );
}

/** Arguments: long texts as texts, all else as a tree. */
function PlainInput({ body }: { body: Body }) {
  const json = useMemo(
    () => (body.complete ? parseJson(body.text ?? "") : undefined),
    [body.complete, body.text],
  );
  if (json === undefined || Array.isArray(json) || json === null || typeof json !== "object")
    return <PlainView body={body} />;
  const entries = Object.entries(json);
  const flat =
    entries.length <= 12 && entries.every(([, value]) => typeof value !== "object" || value === null);
  return (
    <>
      {flat ? (
        <dl className={styles.fields} data-view="fields">
          {entries.map(([key, value]) => (
            <div key={key} className={styles.field} data-short={isShort(value) ? "" : undefined}>
              <dt>{key}</dt>
              <dd>
                <Clamped lines={16}>
                  {typeof value === "string" && value.length > 120 ? (
                    <Markdown text={value} />
                  ) : (
                    <span className={styles.plainText}>{String(value)}</span>
                  )}
                </Clamped>
              </dd>
            </div>
          ))}
        </dl>
      ) : (
        <JsonView value={json} />
      )}
      <BodyNotes body={body} />
    </>
  );
}

function isShort(value: unknown): boolean {
  return typeof value !== "string" || (value.length < 80 && !value.includes("\n"));
}

const LABELS: Record<Payload["kind"], string> = {
  prompt: "Prompt",
  answer: "Answer",
  reasoning: "Reasoning",
  tool_input: "Input",
  tool_output: "Output",
  error: "Error",
  summary: "Summary",
  context: "Context",
};

function Other({ session, payload }: { session: string; payload: Payload }) {
  const body = useBody(session, payload);
  return (
    <Section label={LABELS[payload.kind]} body={body}>
      <Sole body={body} />
    </Section>
  );
}

/** A payload by itself, by its type. */
export function Sole({ body }: { body: Body }) {
  const { payload } = body;
  if (isPicture(payload.media_type)) return <PictureView body={body} />;
  if (!isText(payload)) return <FileView body={body} />;
  const prose = payload.kind === "summary" || payload.kind === "prompt" || payload.kind === "answer";
  if (prose && body.complete) {
    return (
      <>
        <Clamped lines={40}>
          <Markdown text={body.text ?? ""} />
        </Clamped>
        <BodyNotes body={body} />
      </>
    );
  }
  return <PlainView body={body} />;
}
