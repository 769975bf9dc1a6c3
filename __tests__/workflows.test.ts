import { execFile } from "node:child_process";
import * as fs from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { COMMENT_MARK } from "../plan/markdown";

const folder = path.join(__dirname, "../docs/workflows");
const workflow = (file: string): any => parse(fs.readFileSync(path.join(folder, file), "utf8"));
const stepOf = (job: any, name: string): any => job.steps.find((step: any) => step.name === name);
const COMMENT_JOBS: readonly (readonly [string, string])[] = [
  ["github/homelab-comment.yml", "github-actions[bot]"],
  ["forgejo/homelab-plan.yml", "forgejo-actions"],
];

test("the jobs that run code of a pull request can only read, and are given no secret", () => {
  for (const file of ["github/homelab-plan.yml", "forgejo/homelab-plan.yml"]) {
    const { on, permissions, jobs } = workflow(file);
    expect([Object.keys(on), permissions, jobs.plan.permissions]).toEqual([
      ["pull_request"],
      { contents: "read" },
      undefined,
    ]);
    expect(JSON.stringify(jobs.plan)).not.toContain("secrets.");
    expect(jobs.plan.steps[0].with).toMatchObject({ "persist-credentials": false, "fetch-depth": 0 });
  }
});

test.each(COMMENT_JOBS)("the job of %s that may write runs no code of the pull request", (file) => {
  const { comment } = workflow(file).jobs;
  const [download, post] = comment.steps;

  expect(comment.steps).toHaveLength(2);
  expect(download.uses).toMatch(/\/download-artifact@v\d+$/);
  expect(post.run).toMatch(/^node --input-type=module <<'END'\n/);
  // What a pull request names reaches the script as a variable, never as a part of its text.
  expect(post.run).not.toContain("${{");
});

test("both forges post by the same script, with the mark that a report begins with", () => {
  const scripts = COMMENT_JOBS.map(([file]) => stepOf(workflow(file).jobs.comment, "Post or update the comment").run);

  expect(scripts[0]).toBe(scripts[1]);
  expect(scripts[0]).toContain(`const mark = ${JSON.stringify(COMMENT_MARK)};`);
});

describe.each(COMMENT_JOBS)("the script of %s", (file, bot) => {
  let work: string;
  let server: Server;
  let comments: { id: number; body: string; user: { login: string } }[];
  let calls: string[];

  beforeEach(async () => {
    work = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-workflow-"));
    fs.mkdirSync(path.join(work, "plan"));
    fs.writeFileSync(path.join(work, "plan/number"), "7\n");
    fs.writeFileSync(path.join(work, "plan/comment.md"), "<!-- homelab plan -->\n\n**$(touch broken) `x`**\n");
    comments = [];
    calls = [];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined;
        const url = new URL(request.url ?? "", "http://forge");
        calls.push(`${request.method} ${url.pathname}`);
        if (request.headers.authorization !== "Bearer token") response.writeHead(401).end("{}");
        else response.end(JSON.stringify(answer(request.method ?? "", url, body)));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    fs.rmSync(work, { recursive: true });
  });

  function answer(method: string, url: URL, body: { body: string } | undefined): unknown {
    if (url.pathname === "/repos/me/lab/pulls/7") return { head: { sha: "abc" } };
    if (method === "POST") comments.push({ id: comments.length, body: body?.body ?? "", user: { login: bot } });
    if (method === "PATCH")
      comments = comments.map((one) =>
        url.pathname.endsWith(`/${one.id}`) ? { ...one, body: body?.body ?? "" } : one,
      );
    const page = Number(url.searchParams.get("page") ?? 1);
    return comments.slice((page - 1) * 100, page * 100);
  }

  function post(overrides: Record<string, string> = {}): Promise<{ status: number; stderr: string }> {
    const { port } = server.address() as AddressInfo;
    const env = {
      PATH: process.env.PATH,
      API: `http://127.0.0.1:${port}`,
      REPOSITORY: "me/lab",
      TOKEN: "token",
      BOT: bot,
      HEAD_SHA: "abc",
      ...overrides,
    };
    const { run } = stepOf(workflow(file).jobs.comment, "Post or update the comment");
    return new Promise((resolve) => {
      execFile("bash", ["-e", "-c", run], { cwd: work, env }, (error, _stdout, stderr) =>
        resolve({ status: error ? 1 : 0, stderr }),
      );
    });
  }

  test("posts a comment once and updates it afterwards, whatever others wrote", async () => {
    const foreign = { id: 0, body: "<!-- homelab plan --> not mine", user: { login: "somebody" } };
    comments = [
      foreign,
      ...Array.from({ length: 120 }, (_, id) => ({ id: id + 1, body: "talk", user: { login: bot } })),
    ];

    expect(await post()).toMatchObject({ status: 0 });
    fs.writeFileSync(path.join(work, "plan/comment.md"), "**The plan failed.**");
    expect(await post()).toMatchObject({ status: 0 });

    expect(comments).toHaveLength(122);
    expect(comments[0]).toEqual(foreign);
    expect(comments.at(-1)?.body).toBe("<!-- homelab plan -->\n\n**The plan failed.**");
    expect(fs.readdirSync(work)).toEqual(["plan"]);
  });

  test("posts nothing to a pull request that was not planned", async () => {
    const { status, stderr } = await post({ HEAD_SHA: "def" });

    expect([status, stderr]).toEqual([1, expect.stringContaining("pull request 7 is not at def: nothing is posted")]);
    expect(calls).toEqual(["GET /repos/me/lab/pulls/7"]);
  });

  test("takes no path for a number", async () => {
    fs.writeFileSync(path.join(work, "plan/number"), "7/../../other/issues/1");

    expect((await post()).stderr).toContain("plan/number is no number");
    expect(calls).toEqual([]);
  });
});
