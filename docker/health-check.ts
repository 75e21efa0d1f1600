/**
 * The container's health: is its process alive? (Whether it is ready is /readyz, which an orchestrator
 * asks. A process that waits for Redis is not ready, and restarting it would not help.)
 */
const port = process.env['HEALTH_PORT'] ?? process.env['SIMULATOR_PORT'];

try {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`, {
    signal: AbortSignal.timeout(4_000),
  });
  process.exit(response.ok ? 0 : 1);
} catch {
  process.exit(1);
}
