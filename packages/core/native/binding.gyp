{
  "targets": [
    {
      "target_name": "reuse",
      "defines": ["NAPI_VERSION=8"],
      "sources": [
        "binding.c",
        "binding_channel.c",
        "binding_environment.c",
        "values.c"
      ],
      "conditions": [
        ["OS=='win'", {
          "sources": ["sockets_windows.c"],
          "libraries": ["-lws2_32.lib"],
          "msvs_settings": {
            "VCCLCompilerTool": { "WarningLevel": 4 },
            "VCLinkerTool": { "AdditionalOptions": ["/PDBALTPATH:reuse.pdb"] }
          }
        }, {
          "sources": ["sockets_unix.c"],
          "cflags": ["-std=c11", "-Wall", "-Wextra", "-Werror=implicit", "-fvisibility=hidden"],
          "xcode_settings": {
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
            "MACOSX_DEPLOYMENT_TARGET": "11.0",
            "WARNING_CFLAGS": ["-Wall", "-Wextra"]
          }
        }],
        ["OS=='linux'", {
          "defines": ["_GNU_SOURCE"],
          "sources": [
            "channel_linux.c",
            "descriptor_linux.c",
            "filter_linux.c",
            "peers_linux.c",
            "poller_linux.c",
            "thread_linux.c"
          ],
          "libraries": ["-pthread"],
          "ldflags": ["-Wl,-z,nodelete"]
        }, {
          "sources": ["unsupported.c"]
        }]
      ]
    }
  ]
}
