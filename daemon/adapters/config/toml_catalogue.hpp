#pragma once
#include <string>
#include <vector>

#include "ports/catalogue.hpp"

namespace bisectd {

/// Recipes from folders (FOLDER/NAME/recipe.toml) and boards from files (FOLDER/NAME.toml).
/// The board "local", a shell on the controller, is always there.
/// Thread: any; has no state but the names of the folders.
class TomlCatalogue : public Catalogue {
  public:
    /// `local_work_folder`: where the board "local" works; nobody else may write there, for what
    /// lies in it is run as this user.
    TomlCatalogue(std::vector<std::string> recipe_folders, std::string boards_folder,
                  std::string local_work_folder = "");

    /// Names only, sorted; a name in the list may still have an error in its file.
    std::vector<std::string> recipes() override;
    Result<Recipe> recipe(const std::string& name) override;
    /// Any folder; its name need not be the recipe's (a frozen copy has another one).
    Result<Recipe> recipe_in(const std::string& folder) override;
    std::vector<std::string> boards() override;
    Result<BoardSpec> board(const std::string& name) override;

  private:
    std::vector<std::string> recipe_folders_;
    std::string boards_folder_;
    std::string local_work_folder_;
};

}  // namespace bisectd
