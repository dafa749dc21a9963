// A story is told in order: when one step fails, the later ones have nothing to stand on.

/** `step(name, fn)`: a subtest of `t`, skipped with the reason when an earlier one has failed. */
export function story(t) {
  let broken;
  return (name, fn) =>
    t.test(name, async (step) => {
      if (broken) return step.skip(`an earlier step failed: ${broken}`);
      try {
        await fn(step);
      } catch (error) {
        broken = name;
        throw error;
      }
    });
}
