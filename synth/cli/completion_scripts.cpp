// The tables of commands as shell functions. bash and zsh share them: which word stands where is found alike.
#include "synth/cli/completion_scripts.h"

#include <fmt/format.h>

namespace synth::cli {

namespace {

std::string kind_or_text(const OptionRow& row) {
  const std::string kind = kind_of_values(row);
  return kind.empty() ? "text" : kind;
}

// _synth_commands, _synth_options COMMAND, and _synth_kind COMMAND OPTION|POSITION: what its values are.
std::string shell_tables(const std::vector<CommandTable>& commands) {
  std::string names, options, kinds;
  for (const CommandTable& command : commands) {
    names += " " + command.name;
    std::string own;
    int position = 0;
    for (const OptionRow& row : command.arguments)
      kinds += fmt::format("    '{} {}') echo '{}' ;;\n", command.name, row.repeated ? "*" : std::to_string(++position),
                           kind_or_text(row));
    for (const OptionRow& row : command.options) {
      own += " --" + row.name;
      if (!row.value_name.empty())
        kinds += fmt::format("    '{} --{}') echo '{}' ;;\n", command.name, row.name, kind_or_text(row));
    }
    options += fmt::format("    {}) echo '{}' ;;\n", command.name, own.substr(own.empty() ? 0 : 1));
  }
  return fmt::format(
      "_synth_commands='help{} --help --version'\n"
      "_synth_options() {{\n  case $1 in\n{}  esac\n}}\n"
      "_synth_kind() {{\n  case \"$1 $2\" in\n{}  esac\n}}\n",
      names, options, kinds);
}

// Sets command, and kind: of what is to be completed after these words ("command", "option", or a kind of values).
constexpr const char* shell_place = R"sh(_synth_place() {
  local word expected= position=0
  command= kind=command
  for word in "$@"; do
    if [ -z "$command" ]; then command=$word; kind=; continue; fi
    if [ -n "$expected" ]; then expected=; continue; fi
    case $word in
      --*=*) ;;
      -*) expected=$(_synth_kind "$command" "$word") ;;
      *) position=$((position + 1)) ;;
    esac
  done
  [ -n "$command" ] || return 0
  kind=$expected
  [ -n "$kind" ] || kind=$(_synth_kind "$command" $((position + 1)))
  [ -n "$kind" ] || kind=$(_synth_kind "$command" '*')
  [ -n "$expected" ] || case $cur in -*) kind=option ;; esac
  [ "$command" != help ] || kind=command
}
)sh";

}  // namespace

std::string bash_completion(const std::vector<CommandTable>& commands) {
  return "# Completion of synth's commands, options and values for bash.\n" + shell_tables(commands) + shell_place +
         R"sh(_synth() {
  local line=${COMP_LINE:0:COMP_POINT} cur= command kind words
  read -ra words <<<"$line"
  if [[ $line != *[[:space:]] ]]; then cur=${words[-1]}; unset 'words[-1]'; fi
  _synth_place "${words[@]:1}"
  # What readline replaces begins after the last of these characters.
  local head=${cur%"${cur##*[@=:]}"} tail=${cur##*[@=:]}
  local IFS=$'\n'
  case $kind in
    command) COMPREPLY=($(compgen -W "${_synth_commands// /$'\n'}" -- "$cur")) ;;
    option) local all; all=$(_synth_options "$command"); COMPREPLY=($(compgen -W "${all// /$'\n'}" -- "$cur")) ;;
    'choices '*) all=${kind#choices }; COMPREPLY=($(compgen -W "${all// /$'\n'}" -- "$cur")) ;;
    'list '*) COMPREPLY=($(compgen -W "$("${words[0]}" completion --values "${kind#list }" 2>/dev/null)" -- "$cur")) ;;
    network)
      COMPREPLY=($(compgen -W "$("${words[0]}" completion --values networks --prefix "$cur" 2>/dev/null)" -- "$cur"))
      [[ $cur == *[@#]* ]] || { compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$cur")); } ;;
    data)
      if [[ $cur == *:* ]]; then compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$tail")); return; fi
      compopt -o nospace 2>/dev/null
      COMPREPLY=($(compgen -W $'shapes\nidx:\ncifar10:\nimagefolder:' -- "$cur")) ;;
    run | file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")) ;;
    folder) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")) ;;
  esac
  COMPREPLY=("${COMPREPLY[@]#"$head"}")
}
complete -F _synth synth
)sh";
}

std::string zsh_completion(const std::vector<CommandTable>& commands) {
  return "#compdef synth\n# Completion of synth's commands, options and values for zsh.\n" + shell_tables(commands) +
         shell_place + R"sh(_synth() {
  local cur=$PREFIX command kind
  _synth_place "${(@)words[2,CURRENT-1]}"
  case $kind in
    command) compadd -- ${=_synth_commands} ;;
    option) compadd -- ${=$(_synth_options "$command")} ;;
    'choices '*) compadd -- ${=kind#choices } ;;
    'list '*) compadd -- ${(f)"$("$words[1]" completion --values "${kind#list }" 2>/dev/null)"} ;;
    network)
      compadd -- ${(f)"$("$words[1]" completion --values networks --prefix "$cur" 2>/dev/null)"}
      [[ $cur == *[@#]* ]] || _files ;;
    data)
      if compset -P '*:'; then _files -/; else compadd -S '' -- shapes idx: cifar10: imagefolder:; fi ;;
    run | file) _files ;;
    folder) _files -/ ;;
  esac
}
(( $+functions[compdef] )) && compdef _synth synth
[[ $zsh_eval_context[-1] == loadautofunc ]] && _synth "$@"
true
)sh";
}

namespace {

std::string fish_quoted(const std::string& text) {
  std::string word = "'";
  for (const char letter : text) {
    if (letter == '\'' || letter == '\\') word += '\\';
    word += letter;
  }
  return word + "'";
}

// What fish offers for values of the kind.
std::string fish_values(const std::string& kind) {
  const std::string typed = "(commandline -ct)";
  if (kind == "network") return "-F -a '(synth completion --values networks --prefix " + typed + " 2>/dev/null)'";
  if (kind == "run" || kind == "file") return "-F";
  if (kind == "folder") return "-a '(__fish_complete_directories " + typed + ")'";
  if (kind == "data") return "-F -a 'shapes idx: cifar10: imagefolder:'";
  if (kind.rfind("choices ", 0) == 0) return "-a " + fish_quoted(kind.substr(8));
  if (kind.rfind("list ", 0) == 0) return "-a '(synth completion --values " + kind.substr(5) + " 2>/dev/null)'";
  return {};
}

}  // namespace

std::string fish_completion(const std::vector<CommandTable>& commands) {
  std::string script =
      "# Completion of synth's commands, options and values for fish.\ncomplete -c synth -f\n"
      "complete -c synth -n __fish_use_subcommand -l help -d 'list the commands'\n"
      "complete -c synth -n __fish_use_subcommand -l version -d 'print the version'\n";
  std::string names;
  for (const CommandTable& command : commands) names += command.name + " ";
  script +=
      "complete -c synth -n __fish_use_subcommand -a help -d 'what a command does'\n"
      "complete -c synth -n '__fish_seen_subcommand_from help' -a '" +
      names + "'\n";
  for (const CommandTable& command : commands) {
    script += fmt::format("complete -c synth -n __fish_use_subcommand -a {} -d {}\n", command.name,
                          fish_quoted(command.summary));
    const std::string within = "complete -c synth -n '__fish_seen_subcommand_from " + command.name + "'";
    for (const OptionRow& row : command.arguments)
      if (const std::string values = fish_values(kind_of_values(row)); !values.empty())
        script += fmt::format("{} {}\n", within, values);
    for (const OptionRow& row : command.options) {
      const std::string values = fish_values(kind_of_values(row));
      const bool files = values.rfind("-F", 0) == 0;
      script += fmt::format("{} -l {}{}{} {} -d {}\n", within, row.name, row.letter.empty() ? "" : " -s " + row.letter,
                            row.value_name.empty() ? ""
                            : files                ? " -r"
                                                   : " -x",
                            values, fish_quoted(row.meaning));
    }
  }
  return script;
}

}  // namespace synth::cli
