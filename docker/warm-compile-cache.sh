#!/bin/sh
# Loads the code of every app once, so that Node's code cache is in the image. With no address of Redis an app says so and
# exits at once; by then everything is loaded, and that is all this is for.
for main in apps/*/src/main.ts; do
  env -i PATH="$PATH" HOME="$HOME" NODE_COMPILE_CACHE="$NODE_COMPILE_CACHE" \
    REDIS_URL=none node "$main" >/dev/null 2>&1
done
exit 0
