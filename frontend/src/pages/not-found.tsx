import { Link } from "wouter";
import { Shell } from "../ui/shell";
import { EmptyState } from "../ui/states";

export function NotFoundPage() {
  return (
    <Shell crumbs={[{ text: "No such page" }]}>
      <h1 className="visually-hidden">No such page</h1>
      <EmptyState title="There is no page at this address.">
        <Link href="/sessions">All sessions</Link>
      </EmptyState>
    </Shell>
  );
}
