# Windowpane as a server, without a GPU: the web page and the HTTP interface at port 8000.
#
#   docker build --tag windowpane .
#   docker run --read-only --publish 8000:8000 windowpane
#
# Nothing is written at run time, so the file system may be read-only; nothing is fetched either.

FROM debian:trixie-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv
WORKDIR /build
COPY LICENSE README.md constraints.txt pyproject.toml ./
COPY src src
RUN python3 -m venv tools && tools/bin/pip wheel --no-deps --wheel-dir wheels .
# Without pip and without the packages' own tests. The bytecode stays: it cannot be written later.
RUN python3 -m venv --without-pip /opt/windowpane \
    && tools/bin/pip --python /opt/windowpane/bin/python install \
        --constraint constraints.txt "windowpane[serve] @ file://$(echo /build/wheels/windowpane-*.whl)" \
    && find /opt/windowpane -type d -regex '.*/tests?' -prune -exec rm -r {} +

FROM debian:trixie-slim
RUN apt-get update && apt-get install --yes --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY --from=build /opt/windowpane /opt/windowpane
ENV PATH=/opt/windowpane/bin:$PATH
USER 1000:1000
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health')"]
ENTRYPOINT ["windowpane"]
CMD ["serve", "--host", "0.0.0.0"]
