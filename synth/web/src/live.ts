// Following a dashboard's server: it says by an event that something has changed, then the document is fetched.
import type { ReportDocument } from "./run";

export function follow(take: (document: ReportDocument) => void, say: (text: string) => void): void {
  let fetching = false;
  let again = false;
  const load = async (): Promise<void> => {
    if (fetching) {
      again = true;
      return;
    }
    fetching = true;
    try {
      const answer = await fetch("document", { cache: "no-store" });
      if (!answer.ok) throw new Error(await answer.text());
      take(await answer.json());
    } catch (error) {
      say(`The dashboard did not answer: ${error instanceof Error ? error.message : String(error)}`);
    }
    fetching = false;
    if (again) {
      again = false;
      void load();
    }
  };
  const events = new EventSource("events");
  events.addEventListener("changed", () => void load());
  events.onopen = () => say("");
  events.onerror = () => say("The connection to the dashboard is lost; what was there last is shown. Trying again ...");
}
