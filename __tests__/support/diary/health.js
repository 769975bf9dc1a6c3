// Healthy when the service answers and its database does.
fetch("http://127.0.0.1:8080/health").then(
  ({ status }) => process.exit(status === 200 ? 0 : 1),
  () => process.exit(1),
);
